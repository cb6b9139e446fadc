// What the record of a running job says against going on: its caller wants no picture any more, it has been removed, or
// another worker has it. Every look at the record tells, whoever took it; where nobody else looks, this one does.
import { setTimeout as delay } from 'node:timers/promises';
import { type Claim, holds, type Job, JobError, type JobStore, LeaseLost } from '@impasto/shared';

export interface RecordWatch {
  /** Aborts with a CancelRequested, a JobRemoved or a LeaseLost as its reason. */
  readonly ended: AbortSignal;
  /** What somebody has just read or written. */
  saw(job: Job): void;
  /** What somebody met who wanted to read or write it. */
  met(error: unknown): void;
  /** No word comes after this: what the record says then is the worker's own doing. */
  stop(): void;
}

/** The caller of the job wants no picture any more. */
export class CancelRequested extends Error {
  override readonly name = 'CancelRequested';
}

/** There is no such job any more. */
export class JobRemoved extends Error {
  override readonly name = 'JobRemoved';
}

/** So soon is a word heard. A job that takes less is not looked at at all. */
const everyMs = 1_000;

/** Whether there is no record any more: neither a job nor anything to be written down about it. */
export function isRemoved(error: unknown): boolean {
  return error instanceof JobError && (error.code === 'job_gone' || error.code === 'job_not_found');
}

export function watchRecord(jobs: Pick<JobStore, 'get'>, jobId: string, claim: Claim): RecordWatch {
  const ended = new AbortController();
  const stopped = new AbortController();
  let lastMs = performance.now();

  function end(reason: Error): void {
    if (stopped.signal.aborted) return;
    stopped.abort();
    ended.abort(reason);
  }

  function saw(job: Job): void {
    lastMs = performance.now();
    if (!holds(job, claim)) end(new LeaseLost('the record names another owner'));
    else if (job.cancelRequestedAt !== undefined) end(new CancelRequested('the job is to be canceled'));
  }

  function met(error: unknown): void {
    if (isRemoved(error)) end(new JobRemoved('the job was removed'));
  }

  async function look(): Promise<void> {
    const signal = stopped.signal;
    while (!signal.aborted) {
      const pauseMs = lastMs + everyMs - performance.now();
      if (pauseMs > 0) {
        await delay(pauseMs, undefined, { signal }).catch(() => {});
        continue;
      }
      lastMs = performance.now();
      try {
        const stored = await jobs.get(jobId, { signal });
        if (stored) saw(stored.job);
        else end(new JobRemoved('there is no record of the job'));
      } catch (error) {
        // A storage that is out says nothing; the heartbeat writes that down.
        met(error);
      }
    }
  }

  void look();
  return { ended: ended.signal, saw, met, stop: () => stopped.abort() };
}
