// Sending what makes jobs: with a key, so that sending it again, after whatever failure, makes no second one.
import type { ZodType } from 'zod';
import { retryAfterSeconds } from '../retry-after.ts';
import { limits } from '../submission.ts';
import { readJson, type ServiceRequest } from './answer.ts';
import type { CallOptions } from './client-options.ts';
import { StyleTransferError, withFacts } from './error.ts';
import { send, type TransportSettings } from './transport.ts';

export interface SubmitOptions extends CallOptions {
  /**
   * 1 to 255 visible ASCII characters; the same request with the same key is answered with the same job, for at least
   * 24 hours. By default a new one for each call.
   */
  readonly idempotencyKey?: string | undefined;
  /** How long the service may keep the answer back in case that everything is done by then: 0 to 60. */
  readonly waitSeconds?: number | undefined;
}

export interface SubmissionFacts {
  /** Whether the service had taken the same submission before. */
  readonly replayed: boolean;
  readonly idempotency_key: string;
  /** How long the service asks to wait before the first look. */
  readonly retry_after_seconds?: number | undefined;
}

/** @throws StyleTransferError which carries the key, whatever went wrong. */
export async function submitJson<T extends object>(
  settings: TransportSettings,
  { path, body, schema, what }: { path: string; body: string; schema: ZodType<T>; what: string },
  options: SubmitOptions,
): Promise<T & SubmissionFacts> {
  const idempotencyKey = checkedKey(options.idempotencyKey ?? crypto.randomUUID());
  const headers = preference(settings, options.waitSeconds);
  const { signal } = options;
  const request: ServiceRequest = { method: 'POST', path, body, headers, idempotencyKey, signal };
  try {
    const answer = await send(settings, request);
    const receipt = readJson(schema, what, request, answer);
    return {
      ...receipt,
      replayed: answer.headers.get('idempotency-replayed') === 'true',
      idempotency_key: idempotencyKey,
      retry_after_seconds: retryAfterSeconds(answer.headers),
    };
  } catch (thrown) {
    if (!(thrown instanceof StyleTransferError)) throw thrown;
    // Whoever chose the key will send it again; a call without one would make a new job.
    const uncertain = thrown.code === 'submit_uncertain';
    const retryable = uncertain ? options.idempotencyKey !== undefined : thrown.retryable;
    throw withFacts(thrown, { idempotencyKey, retryable });
  }
}

function checkedKey(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= limits.maxIdempotencyKeyCharacters) return key;
  const expected = `1 to ${limits.maxIdempotencyKeyCharacters} visible ASCII characters`;
  const message = `Expected ${expected} for idempotencyKey, received ${JSON.stringify(key.slice(0, 60))}.`;
  throw new StyleTransferError('invalid_argument', message);
}

function preference(settings: TransportSettings, seconds: number | undefined): Record<string, string> {
  if (seconds === undefined) return {};
  if (!(seconds >= 0)) {
    const message = `Expected 0 or more seconds for waitSeconds, received ${seconds}.`;
    throw new StyleTransferError('invalid_argument', message);
  }
  return { prefer: `wait=${heldSeconds(settings, seconds)}` };
}

/** For how long the service may hold an answer back: whole seconds, so few that no time limit of ours ends them. */
export function heldSeconds({ requestTimeoutSeconds }: TransportSettings, wantedSeconds: number): number {
  return Math.floor(Math.min(wantedSeconds, limits.maxWaitSeconds, requestTimeoutSeconds * 0.75));
}
