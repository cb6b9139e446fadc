// What everything that takes jobs in shares: places in the queue, keys of requests, pictures that were painted before, and
// the writes of a job.
import type { Documents, ImageStore, JobQueue, JobStore, RetentionSettings } from '@impasto/shared';
import { makeOnce, type Once } from '../idempotency/make-once.ts';
import { makeRecallJob, type RecallJob } from '../idempotency/recall-job.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import { makeReuseOfResults, type ReuseOfResults } from '../reuse/reuse-of-results.ts';
import type { WaitEstimate } from '../waiting/estimate-wait.ts';
import type { LookAround } from '../waiting/look-around.ts';
import { type AcceptJob, makeAcceptJob } from './accept-job.ts';
import { type Admit, makeAdmission } from './admission.ts';

export interface IntakeDependencies extends Pick<Documents, 'idempotencyKeys' | 'jobIndex' | 'reuse'> {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly lookAround: LookAround;
  readonly readJob: ReadJob;
  readonly retention: RetentionSettings;
  /** Messages in the queue at which no more jobs are taken. */
  readonly maxQueued: number;
  readonly assumedColdStart: WaitEstimate;
}

export interface Intake {
  readonly admit: Admit;
  readonly once: Once;
  readonly recallJob: RecallJob;
  readonly acceptJob: AcceptJob;
  readonly results: ReuseOfResults;
}

export function makeIntake(deps: IntakeDependencies): Intake {
  return {
    admit: makeAdmission(deps),
    once: makeOnce(deps),
    recallJob: makeRecallJob(deps),
    acceptJob: makeAcceptJob(deps),
    results: makeReuseOfResults(deps),
  };
}
