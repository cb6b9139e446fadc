// One attempt at one job: the claim, the lease that keeps it, the way to tell how far it is, and when to give up.
import {
  type Claim,
  fileExtensions,
  holds,
  type Job,
  type JobStore,
  type Logger,
  type ProcessingJob,
  type ReceivedMessage,
  traceIdOf,
  transition,
} from '@impasto/shared';
import { holdLease, type Lease } from './lease.ts';
import { makeProgressReporter, type ProgressReporter } from './progress-reporter.ts';
import { type RecordWatch, watchRecord } from './record-watch.ts';

export interface Attempt {
  readonly job: ProcessingJob;
  readonly claim: Claim;
  /** Where the result goes: a name that no other attempt has. */
  readonly resultKey: string;
  readonly lease: Lease;
  readonly progress: ProgressReporter;
  readonly watch: RecordWatch;
  /** Aborts when the work has no more point: the job is no longer ours or wanted, or the worker must stop. */
  readonly signal: AbortSignal;
  /** Aborts when not even a call that is under way may go on. */
  readonly atOnce: AbortSignal;
  readonly startedAt: number;
  readonly queueWaitMs: number;
  readonly log: Logger;
}

interface AttemptOptions {
  readonly jobs: JobStore;
  readonly leaseSeconds: number;
  readonly log: Logger;
}

/** Starts to renew the lease at once; whoever begins an attempt stops or settles its lease on every path. */
export function beginAttempt(
  { jobs, leaseSeconds, log }: AttemptOptions,
  message: ReceivedMessage,
  { job, claim }: { job: ProcessingJob; claim: Claim },
  handBack: AbortSignal,
): Attempt {
  const bound = log.child({ jobId: job.jobId, attempt: job.attempt, traceId: traceIdOf(job.traceparent) });
  const extension = fileExtensions[job.parameters.outputFormat];
  const watch = watchRecord(jobs, job.jobId, claim);
  watch.saw(job);
  const heartbeat = async (signal: AbortSignal) => {
    // Progress that changes nothing is a write all the same: it makes the record young again.
    const touch = (now: Job) =>
      transition(now, { type: 'progressed', claim, phase: now.phase, progress: now.progress });
    try {
      const now = await jobs.update(job.jobId, touch, { signal });
      watch.saw(now);
      return holds(now, claim);
    } catch (error) {
      watch.met(error);
      throw error;
    }
  };
  const lease = holdLease(message, { leaseSeconds, heartbeat, log: bound });
  return {
    job,
    claim,
    resultKey: `results/${job.jobId}/${claim.attempt}-${claim.owner}.${extension}`,
    lease,
    progress: makeProgressReporter(jobs, job.jobId, claim, watch, bound),
    watch,
    signal: AbortSignal.any([watch.ended, lease.lost, handBack]),
    atOnce: AbortSignal.any([lease.lost, handBack]),
    startedAt: performance.now(),
    queueWaitMs: Math.round(message.ageSeconds * 1000),
    log: bound,
  };
}
