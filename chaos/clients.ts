// Callers over HTTP: they submit, look now and then how a job is doing, and write down what they were told. A call that
// was left without an answer is unknown: it may or may not have made a job, and the caller sends a new one.
import { setTimeout as delay } from 'node:timers/promises';
import { problemSchema, statusViewSchema, submissionReceiptSchema } from '@impasto/shared';
import type { ClientCall } from '@impasto/shared/check';
import type { Ledger } from './ledger.ts';
import type { PictureBodies } from './pictures.ts';
import type { Random } from './random.ts';

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

/** Submits one job, again and again until one is accepted. */
export async function submitOne(options: ClientOptions): Promise<void> {
  const { ledger, history, signal } = options;
  for (;;) {
    signal.throwIfAborted();
    const call = await submit(options);
    history.push(call);
    if (call.outcome === 'ok' && call.jobId !== undefined) return ledger.accepted(call.jobId);
    await delay(afterFailureMs, undefined, { signal });
  }
}

async function submit({ apiUrl, bodies, random, signal }: ClientOptions): Promise<ClientCall> {
  try {
    const answer = await fetch(`${apiUrl()}/api/style-transfer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodies.any(random),
      signal: AbortSignal.any([signal, AbortSignal.timeout(callMs)]),
    });
    const body: unknown = await answer.json();
    if (answer.status === 202) {
      const { job_id: jobId } = submissionReceiptSchema.parse(body);
      return { call: 'submit', outcome: 'ok', httpStatus: 202, jobId, at: now() };
    }
    const { code } = problemSchema.parse(body);
    return { call: 'submit', outcome: 'fail', httpStatus: answer.status, code, at: now() };
  } catch (error) {
    // Nobody was there to take it.
    if (isRefused(error)) return { call: 'submit', outcome: 'fail', at: now() };
    return { call: 'submit', outcome: 'unknown', at: now() };
  }
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
    const { status, done, attempt, progress, phase } = statusViewSchema.parse(body);
    const view = { status, done, attempt, progress, phase };
    return { call: 'status', outcome: 'ok', httpStatus: 200, jobId, view, at: now() };
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
