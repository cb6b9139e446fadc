// What there is to see around a job: the queue and the workers' reports. Looked at about once a second for everybody
// who wants to know, whatever for.
import type { JobQueue, SeenWorker, WaitingMessage, WorkerDirectory } from '@impasto/shared';
import { isCircuitOpen } from '../circuit.ts';

interface Dependencies {
  readonly queue: Pick<JobQueue, 'countMessages' | 'peek'>;
  readonly workers: Pick<WorkerDirectory, 'list'>;
}

/** Each part is undefined where nobody could be asked. */
export interface Look {
  /** About how many messages there are, those being worked on included. */
  readonly messages: number | undefined;
  /** The messages that are next, up to 32. */
  readonly head: readonly WaitingMessage[] | undefined;
  readonly workers: readonly SeenWorker[] | undefined;
  /** Why the queue was not even asked: it will not take a message either. */
  readonly refusal: unknown;
  /** How many messages this instance had sent when the look began: those are among the messages. */
  readonly sentBefore: number;
  /** When it began, in milliseconds by the clock that `makeLookAround` was given. */
  readonly atMs: number;
}

export interface LookAround {
  /** What there was to see within the last second. Never rejects. */
  look(): Promise<Look>;
  /** To be told of each message that was sent. */
  noteSent(): void;
  /** How long ago this instance sent its latest messages, in seconds, oldest first. */
  sentAgo(): readonly number[];
}

/** How long one look is good for, in milliseconds. */
const freshMs = 1_000;
/** As many messages as may wait, by default, and some more. */
const keptSends = 2_000;

export function makeLookAround(deps: Dependencies, now: () => number = () => performance.now()): LookAround {
  const sentAtMs: number[] = [];
  let sent = 0;
  let look: Promise<Look> | undefined;
  let staleAt = Number.POSITIVE_INFINITY;

  async function lookNow(): Promise<Look> {
    const start = { sentBefore: sent, atMs: now() };
    return { ...start, ...(await ask(deps)) };
  }

  return {
    look() {
      if (look === undefined || now() >= staleAt) {
        staleAt = Number.POSITIVE_INFINITY;
        look = lookNow().finally(() => {
          staleAt = now() + freshMs;
        });
      }
      return look;
    },
    noteSent() {
      sent += 1;
      sentAtMs.push(now());
      if (sentAtMs.length > keptSends) sentAtMs.shift();
    },
    sentAgo() {
      const nowMs = now();
      return sentAtMs.map((ms) => (nowMs - ms) / 1_000);
    },
  };
}

/** For how long the oldest of the messages that wait has waited, in seconds; 0 where none waits. */
export function oldestSeconds(look: Pick<Look, 'head'> | undefined): number {
  return Math.max(0, ...(look?.head ?? []).map(({ ageSeconds }) => ageSeconds));
}

async function ask({ queue, workers }: Dependencies): Promise<Omit<Look, 'sentBefore' | 'atMs'>> {
  let refusal: unknown;
  const [messages, head, seen] = await Promise.all([
    queue.countMessages().catch((error: unknown) => {
      if (isCircuitOpen(error)) refusal = error;
      return undefined;
    }),
    queue.peek().catch(() => undefined),
    workers.list().catch(() => undefined),
  ]);
  return { messages, head, workers: seen, refusal };
}
