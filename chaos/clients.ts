// Callers over HTTP: they submit, look now and then how a job is doing, and write down what they were told. A call that
// was left without an answer is unknown: it may or may not have made a job, and the caller sends a new one, or, where it
// has a key, the same one again.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { problemSchema, statusViewSchema, submissionReceiptSchema } from '@impasto/shared';
import type { ClientCall, JobView } from '@impasto/shared/check';
import type { Random } from '../scripts/lib/random.ts';
import type { Ledger } from './ledger.ts';
import type { PictureBodies } from './pictures.ts';

interface ClientOptions {
  readonly apiUrl: () => string;
  readonly bodies: PictureBodies;
  readonly ledger: Ledger;
  readonly history: ClientCall[];
  readonly random: Random;
  readonly signal: AbortSignal;
}

const callMs = 10_000;
const afterFailureMs = 300;

/** Of all submissions; who has a key comes back with it until he has an answer. */
const keyedShare = 0.4;
/** Of those: at the same time, or once more afterwards. */
const twiceShare = 0.5;
const canceledShare = 0.1;
const deletedShare = 0.06;
/** A caller changes his mind at any moment of a job's life. */
const longestMindMs = 3_000;

/** Submits one job, again and again until one is accepted; some are ended by their caller before they are done. */
export async function submitOne(options: ClientOptions): Promise<void> {
  const { bodies, ledger, random, signal } = options;
  const key = random.next() < keyedShare ? randomUUID() : undefined;
  const isTwice = key !== undefined && random.next() < twiceShare;
  let body = bodies.any(random);
  for (;;) {
    signal.throwIfAborted();
    const sent = [submit(options, body, key), ...(isTwice ? [submit(options, body, key)] : [])];
    const calls = await Promise.all(sent);
    options.history.push(...calls);
    const taken = calls.find(({ outcome }) => outcome === 'ok')?.jobId;
    if (taken !== undefined) {
      ledger.accepted(taken);
      if (isTwice) options.history.push(await submit(options, body, key));
      return await changeMind(options, taken);
    }
    if (key === undefined) body = bodies.any(random);
    await delay(afterFailureMs, undefined, { signal });
  }
}

async function submit(
  { apiUrl, signal }: ClientOptions,
  body: string,
  key: string | undefined,
): Promise<ClientCall> {
  const facts = { call: 'submit', key } as const;
  try {
    const answer = await fetch(`${apiUrl()}/api/style-transfer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(callMs)]),
    });
    const { status: httpStatus } = answer;
    const text: unknown = await answer.json();
    // 200 where the job has ended by then.
    if (httpStatus === 202 || httpStatus === 200) {
      const { job_id: jobId } = submissionReceiptSchema.parse(text);
      return { ...facts, outcome: 'ok', httpStatus, jobId, at: now() };
    }
    const { code } = problemSchema.parse(text);
    return { ...facts, outcome: 'fail', httpStatus, code, at: now() };
  } catch (error) {
    // Nobody was there to take it.
    if (isRefused(error)) return { ...facts, outcome: 'fail', at: now() };
    return { ...facts, outcome: 'unknown', at: now() };
  }
}

/** Cancels the job, or has it removed, after a while; or neither. */
async function changeMind(options: ClientOptions, jobId: string): Promise<void> {
  const { random, history, signal } = options;
  const drawn = random.next();
  if (drawn >= canceledShare + deletedShare) return;
  await delay(random.next() * longestMindMs, undefined, { signal });
  history.push(await end(options, jobId, drawn < canceledShare ? 'cancel' : 'delete'));
}

/** One try. An answer of 5xx says nothing of what was done. */
async function end({ apiUrl }: ClientOptions, jobId: string, call: 'cancel' | 'delete'): Promise<ClientCall> {
  const path = call === 'cancel' ? `/api/cancel/${jobId}` : `/api/jobs/${jobId}`;
  const method = call === 'cancel' ? 'POST' : 'DELETE';
  try {
    const answer = await fetch(`${apiUrl()}${path}`, { method, signal: AbortSignal.timeout(callMs) });
    const { status: httpStatus } = answer;
    const text = await answer.text();
    const view = httpStatus === 200 ? viewOf(JSON.parse(text)) : undefined;
    const outcome = httpStatus < 300 ? 'ok' : httpStatus < 500 ? 'fail' : 'unknown';
    return { call, outcome, httpStatus, jobId, view, at: now() };
  } catch {
    return { call, outcome: 'unknown', jobId, at: now() };
  }
}

function viewOf(body: unknown): JobView {
  const { status, done, attempt, progress, phase } = statusViewSchema.parse(body);
  return { status, done, attempt, progress, phase };
}

/** Asks for the status of a recent job a few times a second, until the signal aborts. */
export async function pollNowAndThen(options: ClientOptions, everyMs: number): Promise<void> {
  const { ledger, history, random, signal } = options;
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => {});
    const recent = ledger.recent();
    if (recent.length > 0 && !signal.aborted) history.push(await poll(options, random.pick(recent)));
  }
}

async function poll({ apiUrl }: ClientOptions, jobId: string): Promise<ClientCall> {
  try {
    const url = `${apiUrl()}/api/status/${jobId}?include=none`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(callMs) });
    const body: unknown = await answer.json();
    if (answer.status !== 200) {
      const { code } = problemSchema.parse(body);
      return { call: 'status', outcome: 'fail', httpStatus: answer.status, code, jobId, at: now() };
    }
    return { call: 'status', outcome: 'ok', httpStatus: 200, jobId, view: viewOf(body), at: now() };
  } catch {
    return { call: 'status', outcome: 'unknown', jobId, at: now() };
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

/** The moment of the answer. */
function now(): string {
  return new Date().toISOString();
}
