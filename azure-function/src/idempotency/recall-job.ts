// What became of the job that an earlier request with the same key has recorded.
import { isDone, type Job, type JobQueue, type JobStore, transition } from '@impasto/shared';
import { sendJob } from '@impasto/shared/telemetry';
import type { ReadJob } from '../jobs/read-job.ts';
import { confirmed } from '../submit/accept-job.ts';
import { inFlight } from './make-once.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'get' | 'update'>;
  readonly queue: Pick<JobQueue, 'send'>;
  readonly readJob: ReadJob;
}

/**
 * Finds the job to tell its caller of; from then on nobody can withdraw it.
 * @throws JobError `job_gone` with the date.
 */
export type RecallJob = (jobId: string) => Promise<Job | 'withdrawn' | undefined>;

/** Whoever is to send the message does so within a moment, or has ended. */
const silentSeconds = 10;

/**
 * Nobody is told of a job whose message may not have been sent: a crash between the two need not wait for the sweeper.
 * Whoever is the first to confirm the job sends the message again; all others come back later.
 * @throws JobError `idempotency_in_flight` meanwhile.
 */
export function makeRecallJob({ jobs, queue, readJob }: Dependencies): RecallJob {
  return async (jobId) => {
    const stored = await jobs.get(jobId);
    if (!stored) return undefined;
    if (stored.job.withdrawn) return 'withdrawn';
    // Its time may be over although nobody has removed it yet.
    if (isDone(stored.job)) return (await readJob(jobId)).job;
    const seen: { turn: Turn } = { turn: 'nobody' };
    const job = await jobs.update(jobId, (now, ageSeconds) => {
      seen.turn = turnToSend(now, ageSeconds);
      // Written although it may be confirmed already: of several who find the sender silent one sends.
      return seen.turn === 'mine' ? { ...now, confirmed: true } : confirmed(now);
    });
    if (job.withdrawn) return 'withdrawn';
    if (seen.turn === 'another') throw inFlight();
    if (seen.turn === 'nobody') return job;
    // Marked only once it is sent: a message too many does no harm, one too few would wait for the sweeper.
    await sendJob(queue, job);
    return await jobs.update(jobId, (now) => transition(now, { type: 'resent' }));
  };
}

/** Whose turn it is to send the message again. */
type Turn = 'mine' | 'another' | 'nobody';

function turnToSend(job: Job, ageSeconds: number): Turn {
  if (!mayHaveLostItsMessage(job)) return 'nobody';
  return job.confirmed && ageSeconds < silentSeconds ? 'another' : 'mine';
}

/** Nobody has received it, or sent it again: who made the job may have ended, or may yet fail, before it was sent. */
function mayHaveLostItsMessage({ status, attempt, resends }: Job): boolean {
  return status === 'queued' && attempt === 0 && resends === 0;
}
