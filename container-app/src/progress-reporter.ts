// Writes a running job's phase and progress into its record: not too often, never out of order, never in the way.
import { setTimeout as delay } from 'node:timers/promises';
import { type Claim, type JobStore, type Logger, messageOf, type Phase, transition } from '@impasto/shared';
import type { RecordWatch } from './record-watch.ts';

/** Before the first write, too: a picture that is done by then has no need of any, nor its storage of more calls. */
const leastMsBetweenWrites = 400;

export interface ProgressReporter {
  /** Notes where the job is; the record follows soon. `progress` is 0 to 1. */
  report(phase: Phase, progress: number): void;
  /** What was reported last. */
  phase(): Phase;
  /** Cuts short a write that is under way; none comes after it. */
  stop(): Promise<void>;
}

export function makeProgressReporter(
  jobs: JobStore,
  jobId: string,
  claim: Claim,
  watch: Pick<RecordWatch, 'saw' | 'met'>,
  log: Logger,
): ProgressReporter {
  const stopped = new AbortController();
  let current: Phase = 'fetching';
  let latest: { phase: Phase; progress: number } | undefined;
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (latest && !stopped.signal.aborted) {
      await delay(leastMsBetweenWrites, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
      const { phase, progress } = latest;
      latest = undefined;
      try {
        const event = { type: 'progressed', claim, phase, progress } as const;
        const { signal } = stopped;
        watch.saw(await jobs.update(jobId, (job) => transition(job, event), { signal }));
      } catch (error) {
        watch.met(error);
        if (!stopped.signal.aborted) log.warn('progress.not_written', { error: messageOf(error) });
      }
    }
    writing = undefined;
  }

  return {
    report(phase, progress) {
      current = phase;
      latest = { phase, progress };
      writing ??= writeAll();
    },
    phase: () => current,
    async stop() {
      stopped.abort();
      await writing;
    },
  };
}
