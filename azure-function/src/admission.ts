// Admission control: how many jobs may wait. The queue's length and the workers' reports are read about once a second
// for all submissions together; in between, what this instance has sent since or is about to send is added.
import { JobError, type JobQueue, type SeenWorker, type WorkerDirectory } from '@impasto/shared';
import { isCircuitOpen } from './circuit.ts';
import { drainSeconds, type WaitEstimate } from './estimate-wait.ts';

interface Dependencies {
  readonly queue: JobQueue;
  readonly workers: WorkerDirectory;
  /** Messages in the queue at which no more are taken, those being worked on included. */
  readonly maxQueued: number;
  readonly assumedColdStart: WaitEstimate;
}

/** What a submission finds when it comes in. */
export interface Surroundings {
  readonly jobsAhead: number;
  readonly workers: readonly SeenWorker[];
}

interface Look extends Pick<Surroundings, 'workers'> {
  /** Undefined where they could not be counted. */
  readonly messages: number | undefined;
  /** How many this instance had sent by then: those are among the messages. */
  readonly sentBefore: number;
  refusals: number;
}

type Admit = <T>(submit: (found: Surroundings) => Promise<T>) => Promise<T>;

/** How long one look is good for, in milliseconds. */
const freshMs = 1_000;

/**
 * @returns a function that gives a place in the queue to `submit`, which either sends one message or fails. With other
 * instances beside this one, the queue may grow by what they send within a second.
 * @throws JobError `queue_full` before `submit` is called; `storage_unavailable` while the queue is left alone.
 */
export function makeAdmission(deps: Dependencies, now: () => number = () => performance.now()): Admit {
  // Both only ever grow: places given out and not given back, and messages sent.
  let taken = 0;
  let sent = 0;
  let look: Promise<Look> | undefined;
  let staleAt = Number.POSITIVE_INFINITY;

  function currentLook(): Promise<Look> {
    if (look === undefined || now() >= staleAt) {
      staleAt = Number.POSITIVE_INFINITY;
      look = lookAround(deps, sent).finally(() => {
        staleAt = now() + freshMs;
      });
    }
    return look;
  }

  return async (submit) => {
    const seen = await currentLook();
    // A message sent while they were counted may count twice for a second: too few places rather than too many.
    const jobsAhead = (seen.messages ?? 0) + taken - seen.sentBefore;
    if (seen.messages !== undefined && jobsAhead >= deps.maxQueued) throw queueFull(deps, seen, jobsAhead);
    taken += 1;
    try {
      const answer = await submit({ jobsAhead, workers: seen.workers });
      sent += 1;
      return answer;
    } catch (error) {
      taken -= 1;
      throw error;
    }
  };
}

/** No job is refused because somebody could not be asked; the writes that follow have their own word on that. */
async function lookAround({ queue, workers }: Dependencies, sentBefore: number): Promise<Look> {
  const [messages, seen] = await Promise.all([
    queue.countMessages().catch((error: unknown) => {
      // It will not take a message either: better said now than after the images are stored.
      if (isCircuitOpen(error)) throw error;
      return undefined;
    }),
    workers.list().catch(() => []),
  ]);
  return { messages, workers: seen, sentBefore, refusals: 0 };
}

function queueFull({ maxQueued, assumedColdStart }: Dependencies, seen: Look, waiting: number): JobError {
  // Each one that is refused gets a later time than the one before, so that they do not all come back at once.
  const jobs = waiting - maxQueued + 1 + seen.refusals;
  seen.refusals += 1;
  return new JobError(
    'queue_full',
    `Expected fewer than ${maxQueued} jobs in the queue, for another to be taken, found ${waiting}`,
    { retryAfterSeconds: drainSeconds(jobs, seen.workers, assumedColdStart) },
  );
}
