// Asking again and again until something is done: held back by the service where it can, else at the pace it asks for.
import type { ZodType } from 'zod';
import { retryAfterSeconds } from '../retry-after.ts';
import { readJson, type ServiceRequest } from './answer.ts';
import { StyleTransferError } from './error.ts';
import { sleep } from './retry.ts';
import { heldSeconds } from './submit.ts';
import { send, type TransportSettings } from './transport.ts';

const firstPollSeconds = 0.5;
const longestPollSeconds = 5;

interface Ends {
  readonly done: boolean;
}

/** What is asked for, and how to read the answer. */
export interface Polled<View extends Ends> {
  readonly request: ServiceRequest;
  readonly schema: ZodType<View>;
  /** What is expected, for the message. */
  readonly what: string;
}

export interface Pace {
  /** For how long the service is asked to hold an answer back; 0 for not at all. */
  readonly waitSeconds: () => number;
  /** Pause between two polls where neither answer nor service tells. */
  readonly pollSeconds: number | undefined;
}

interface Poll<View> {
  /** Undefined where nothing has changed. */
  readonly view?: View;
  readonly tag?: string | undefined;
  readonly askedSeconds?: number | undefined;
  /** Whether the service took the time that it was given. */
  readonly held?: boolean;
}

/** Resolves with the first view that is done; `see` gets every view that differs from the one before. */
export async function pollUntilDone<View extends Ends>(
  settings: TransportSettings,
  polled: Polled<View>,
  { waitSeconds, pollSeconds }: Pace,
  see: (view: View) => void,
): Promise<View> {
  const { signal } = polled.request;
  let tag: string | undefined;
  for (let polls = 0; ; polls++) {
    const poll = await pollOrPause(settings, polled, heldSeconds(settings, waitSeconds()), tag);
    tag = poll.tag ?? tag;
    if (poll.view) {
      see(poll.view);
      if (poll.view.done) return poll.view;
    }
    const pause = poll.held ? 0 : (poll.askedSeconds ?? pollSeconds ?? pollPause(polls));
    // Retry-After: 0 would be a busy loop.
    await sleep(Math.max(pause, 0.1), signal);
  }
}

/** A service that is busy for long says for how long; within the wait's own limit that is a pause, no failure. */
async function pollOrPause<View extends Ends>(
  settings: TransportSettings,
  polled: Polled<View>,
  seconds: number,
  tag: string | undefined,
): Promise<Poll<View>> {
  try {
    return await poll(settings, polled, seconds, tag);
  } catch (thrown) {
    const busy = thrown instanceof StyleTransferError && (thrown.status === 429 || thrown.status === 503);
    if (!busy || !thrown.retryable || thrown.retryAfterSeconds === undefined) throw thrown;
    return { askedSeconds: Math.max(thrown.retryAfterSeconds, 1) };
  }
}

async function poll<View extends Ends>(
  settings: TransportSettings,
  { request, schema, what }: Polled<View>,
  seconds: number,
  tag: string | undefined,
): Promise<Poll<View>> {
  const { path } = request;
  const held = seconds < 1 ? path : `${path}${path.includes('?') ? '&' : '?'}wait=${seconds}`;
  const headers = tag === undefined ? {} : { 'if-none-match': tag };
  const startedAt = performance.now();
  const sent = { ...request, path: held, headers };
  const answer = await send(settings, sent);
  const facts = {
    tag: answer.headers.get('etag') ?? undefined,
    askedSeconds: retryAfterSeconds(answer.headers),
    held: seconds >= 1 && performance.now() - startedAt > seconds * 900,
  };
  return answer.status === 304 ? facts : { ...facts, view: readJson(schema, what, sent, answer) };
}

/** Grows by half each time; jitter keeps many clients from polling in step. */
function pollPause(polls: number): number {
  return Math.min(firstPollSeconds * 1.5 ** polls, longestPollSeconds) * (0.8 + 0.4 * Math.random());
}
