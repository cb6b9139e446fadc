// The memory limit of the engine process, kept by its parent: below the limit of the container, so that a picture that
// takes too much costs the engine and never the worker.
import { readFileSync } from 'node:fs';
import { JobError } from '@impasto/shared';

export interface MemoryWatch extends Disposable {
  /** Aborts with a JobError `out_of_memory` once the process takes more than its limit. */
  readonly signal: AbortSignal;
}

const intervalMs = 100;
const MiB = 1024 * 1024;

/**
 * Watches the resident memory of a process until it is disposed of. On Linux only: elsewhere nothing is watched, and
 * what is left is the system's own way with processes that take too much.
 */
export function watchMemory(pid: number, limitBytes: number): MemoryWatch {
  const over = new AbortController();
  const look = () => {
    const bytes = residentBytes(pid);
    if (bytes > limitBytes) over.abort(outOfMemory(bytes, limitBytes));
  };
  const timer = process.platform === 'linux' ? setInterval(look, intervalMs) : undefined;
  return { signal: over.signal, [Symbol.dispose]: () => clearInterval(timer) };
}

function outOfMemory(bytes: number, limitBytes: number): JobError {
  const [most, taken] = [limitBytes, bytes].map((size) => Math.round(size / MiB));
  return new JobError('out_of_memory', `Expected at most ${most} MiB for the engine, it took ${taken} MiB`);
}

/** 0 when the process is gone, and where there is no /proc. A read of it needs no disk: it takes some 50 µs. */
export function residentBytes(pid: number): number {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
