// The memory of processes over time, as Linux tells it; on other systems there is nothing to tell.
import { readFile } from 'node:fs/promises';
import { median } from '../scripts/lib/statistics.ts';

export interface MemorySample {
  /** Since the log began. */
  readonly seconds: number;
  /** Of all processes of the part together. */
  readonly bytes: number;
}

export interface MemoryLog {
  readonly samples: readonly MemorySample[];
  stop(): void;
}

const everyMs = 250;
/** How often it is asked which processes there are; that takes time from what is measured. */
const lookEveryMs = 2_000;

/** @param pids the processes of the part, as they are now. */
export function startMemoryLog(pids: () => readonly number[], signal: AbortSignal): MemoryLog {
  const samples: MemorySample[] = [];
  const startedMs = performance.now();
  let known: readonly number[] = [];
  let lookAtMs = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (nowMs >= lookAtMs) {
      known = pids();
      lookAtMs = nowMs + lookEveryMs;
    }
    void Promise.all(known.map((pid) => memoryOf(pid, 'VmRSS'))).then((all) => {
      const bytes = all.reduce((sum, each) => sum + (Number.isNaN(each) ? 0 : each), 0);
      if (bytes > 0) samples.push({ seconds: (nowMs - startedMs) / 1000, bytes });
    });
  }, everyMs);
  const stop = () => clearInterval(timer);
  signal.addEventListener('abort', stop, { once: true });
  return { samples, stop };
}

/**
 * VmRSS is resident now, VmHWM the most that ever was. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 * @returns bytes; NaN for a process that is gone, and where there is no /proc.
 */
export async function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Number(kibibytes) * 1024;
}

/** Shares of the whole time that are held against each other: the first third is for warming up. */
const early = { from: 1 / 3, to: 1 / 2 };
const late = { from: 5 / 6, to: 1 };

/** By how many percent the memory has grown (or, negative, shrunk) since it was warm; NaN where too little was seen. */
export function growthPercent(samples: readonly MemorySample[]): number {
  const wholeSeconds = samples.at(-1)?.seconds ?? 0;
  const bytesIn = ({ from, to }: typeof early) =>
    samples.flatMap(({ seconds, bytes }) => {
      const share = seconds / wholeSeconds;
      return share >= from && share <= to ? [bytes] : [];
    });
  const [before, after] = [bytesIn(early), bytesIn(late)];
  if (before.length === 0 || after.length === 0) return Number.NaN;
  return 100 * (median(after) / median(before) - 1);
}

export function toMebibytes(bytes: number): number {
  return bytes / 1024 ** 2;
}
