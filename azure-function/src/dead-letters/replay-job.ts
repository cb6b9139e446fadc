// Queues a failed job again. The order of the writes is the promise: record, message, letter.
//
// A crash after the record leaves a queued job whose message may be missing, and its letter open: an open letter of a
// queued job is what tells the next call (or the sweeper) to send and to mark. A crash after the message leaves only
// the mark to be made. Two messages for one job are harmless, and two calls at the same time may send two: the record
// is written by one of them only, so the job is replayed once.
import {
  type DeadLetterStore,
  deadLetterName,
  deadlineIn,
  type ImageStore,
  type Job,
  JobError,
  type JobQueue,
  type JobStore,
  type ListedDeadLetter,
  messageFor,
  transition,
} from '@impasto/shared';
import { whyNotReplayable } from './why-not-replayable.ts';

export interface ReplayDependencies {
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
  const found = jobId === undefined ? undefined : (await deps.jobs.get(jobId))?.job;
  const begunBefore = found !== undefined && found.replays > replays;
  const obstacle = begunBefore ? undefined : await whyNotReplayable(deps.images, letter, found);
  if (obstacle !== undefined || !found) throw notReplayable(obstacle ?? 'there is no job');
  const replay = await queueAgain(deps, found.jobId, replays);
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

/** Compare-and-set: of many calls at the same time one begins. */
async function queueAgain(
  { jobs, expiryHours }: ReplayDependencies,
  jobId: string,
  replays: number,
): Promise<Replay> {
  const expiresAt = deadlineIn(expiryHours);
  let begun = false;
  const job = await jobs.update(jobId, (current) => {
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
  if (job.status === 'queued' && job.replays === replays + 1) await queue.send(messageFor(job));
  await deadLetters.mark(name, 'replayed');
}
