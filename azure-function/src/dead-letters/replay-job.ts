// Queues a failed job again. The order of the writes is the promise: delivery, record, message, letter.
//
// Once the record says that the job is queued it no longer shows how it failed. So what its receiver is to be told of that
// is written down before, where nobody has done so: its message may still be on its way.
//
// A crash after the record leaves a queued job whose message may be missing, and its letter open: an open letter of a
// queued job is what tells the next call (or the sweeper) to send and to mark. A crash after the message leaves only
// the mark to be made. Two messages for one job are harmless, and two calls at the same time may send two: the record
// is written by one of them only, so the job is replayed once.
import {
  type DeadLetterStore,
  type Documents,
  deadLetterName,
  deadlineIn,
  deliveryName,
  type ImageStore,
  type Job,
  JobError,
  type JobQueue,
  type JobStore,
  type ListedDeadLetter,
  picturesAreGone,
  transition,
} from '@impasto/shared';
import { sendJob } from '@impasto/shared/telemetry';
import { lookUp } from '../jobs/look-up.ts';
import { beginDelivery } from '../webhooks/delivery.ts';
import { whyNotReplayable } from './why-not-replayable.ts';

export interface ReplayDependencies extends Pick<Documents, 'deliveries'> {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly deadLetters: DeadLetterStore;
  /** How long the job may then wait for a worker. */
  readonly expiryHours: number;
}

/** A letter, of which nothing but the job, the count of its replays and the state matters. */
type Ending = Pick<ListedDeadLetter, 'jobId' | 'replays' | 'state'>;

export interface Replay {
  /** As it is now. */
  readonly job: Job;
  /** Whether it was this call that queued it. */
  readonly begun: boolean;
}

/**
 * Replays the failure that the letter is about. Where that was begun before, finishes it and replays nothing.
 * @throws JobError `not_replayable`.
 */
export async function replayJob(deps: ReplayDependencies, letter: Ending): Promise<Replay> {
  const { jobId, replays = 0 } = letter;
  const found = jobId === undefined ? undefined : await lookUp(deps.jobs, jobId, {});
  const job = found === 'gone' ? undefined : found;
  const begunBefore = job !== undefined && job.replays > replays;
  const obstacle = begunBefore ? undefined : await whyNotReplayable(deps.images, letter, found);
  if (obstacle !== undefined || !job) throw notReplayable(obstacle ?? 'there is no job');
  if (!begunBefore) await noteDelivery(deps, job);
  const replay = await queueAgain(deps, job.jobId, replays);
  await finish(deps, replay, replays);
  const { status } = replay.job;
  if (status === 'canceled' || status === 'expired') {
    throw notReplayable(`the job has been replayed since and is ${status}`);
  }
  return replay;
}

function notReplayable(why: string): JobError {
  return new JobError('not_replayable', `Expected a failed job whose images are there, but ${why}`);
}

async function noteDelivery({ deliveries }: ReplayDependencies, failed: Job): Promise<void> {
  const due = beginDelivery(failed, new Date());
  if (due) await deliveries.create(deliveryName(due), due);
}

/** Compare-and-set: of many calls at the same time one begins. */
async function queueAgain(
  { jobs, expiryHours }: ReplayDependencies,
  jobId: string,
  replays: number,
): Promise<Replay> {
  const expiresAt = deadlineIn(expiryHours);
  let begun = false;
  const job = await jobs.update(jobId, (current) => {
    if (picturesAreGone(current)) throw notReplayable('its time is over');
    const next = current.replays === replays ? transition(current, { type: 'replayed', expiresAt }) : current;
    begun = next !== current;
    return next;
  });
  return { job, begun };
}

async function finish(
  { queue, deadLetters }: ReplayDependencies,
  { job, begun }: Replay,
  replays: number,
): Promise<void> {
  const name = deadLetterName({ jobId: job.jobId, replays });
  const unfinished = begun || (await deadLetters.get(name))?.state === 'open';
  if (!unfinished) return;
  if (job.status === 'queued' && job.replays === replays + 1) await sendJob(queue, job);
  await deadLetters.mark(name, 'replayed');
}
