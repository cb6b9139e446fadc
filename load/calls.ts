// Calls as a caller makes them, each exactly once: what came back, how long it took, and a line in the history that the
// check reads.
import { problemSchema, statusViewSchema, submissionReceiptSchema } from '@impasto/shared';
import type { ClientCall } from '@impasto/shared/check';

export interface Caller {
  readonly url: string;
  readonly history: ClientCall[];
  readonly signal: AbortSignal;
}

export interface Answer {
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  readonly jobId?: string | undefined;
  readonly code?: string | undefined;
  readonly retryAfter?: string | undefined;
  /** From the moment at which the call was due to the last byte of its answer. */
  readonly ms: number;
}

export const submitPath = '/api/style-transfer';
export const jsonHeaders = { 'content-type': 'application/json' };
const callMs = 120_000;

export function statusPath(jobId: string): string {
  return `/api/status/${jobId}?include=none`;
}

/** @param dueMs when it should have been sent, on the clock of `performance.now()`: a late start counts as waiting. */
export async function submit(
  caller: Caller,
  body: string | Uint8Array<ArrayBuffer>,
  dueMs = performance.now(),
): Promise<Answer> {
  const init = { method: 'POST', headers: jsonHeaders, body };
  const answer = await exchange(caller, submitPath, init);
  const call = submissionOf(answer?.status, answer?.text ?? '');
  caller.history.push(call);
  return {
    status: answer?.status,
    jobId: call.jobId,
    code: call.code,
    retryAfter: answer?.headers.get('retry-after') ?? undefined,
    ms: performance.now() - dueMs,
  };
}

/** The history's line about a submission. @param status undefined where there was no answer. */
export function submissionOf(status: number | undefined, text: string): ClientCall {
  const at = new Date().toISOString();
  if (status === undefined) return { call: 'submit', outcome: 'unknown', at };
  // 200 where the job has ended by then.
  if (status === 202 || status === 200) {
    const { job_id: jobId } = submissionReceiptSchema.parse(JSON.parse(text));
    return { call: 'submit', outcome: 'ok', httpStatus: status, jobId, at };
  }
  return { call: 'submit', outcome: 'fail', httpStatus: status, code: codeIn(text), at };
}

export async function poll(caller: Caller, jobId: string): Promise<Answer> {
  const dueMs = performance.now();
  const answer = await exchange(caller, statusPath(jobId), {});
  const ms = performance.now() - dueMs;
  const at = new Date().toISOString();
  if (answer?.status !== 200) {
    const outcome = answer ? 'fail' : 'unknown';
    caller.history.push({ call: 'status', outcome, httpStatus: answer?.status, jobId, at });
    return { status: answer?.status, code: codeIn(answer?.text ?? ''), ms };
  }
  const view = statusViewSchema.parse(JSON.parse(answer.text));
  caller.history.push({ call: 'status', outcome: 'ok', httpStatus: 200, jobId, at, view });
  return { status: 200, ms };
}

async function exchange(
  { url, signal }: Caller,
  path: string,
  init: RequestInit,
): Promise<{ status: number; headers: Headers; text: string } | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
    const answer = await fetch(url + path, { ...init, signal: limit });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  } catch {
    return undefined;
  }
}

/** Of a problem document; undefined for anything else. */
function codeIn(text: string): string | undefined {
  try {
    return problemSchema.parse(JSON.parse(text)).code;
  } catch {
    return undefined;
  }
}
