// One attempt to deliver a webhook: a single POST to an address that was checked, with limits on everything a receiver
// could do to us.
import { performance } from 'node:perf_hooks';
import { JobError, retryAfterSeconds } from '@impasto/shared';
import { type Answer, postWebhook } from './post-webhook.ts';
import { checkReceiverUrl, type ReceiverRules } from './receiver-address.ts';
import { NameUnresolved, type ResolveHost, resolveReceiver } from './resolve-receiver.ts';

export type WebhookFailure =
  | 'timeout'
  | 'forbidden_address'
  | 'dns'
  | 'connection_refused'
  | 'unreachable'
  | 'tls'
  | 'reset'
  | 'too_many_headers'
  | 'bad_answer';

/** `latencyMs` is the time to the answer's status line, or to the failure. */
export type WebhookOutcome = { readonly latencyMs: number; readonly retryAfterSeconds?: number } & (
  | { readonly kind: 'delivered'; readonly httpStatus: number; readonly error?: never }
  /** An answer, but not one of success (2xx): a redirect is not followed. */
  | { readonly kind: 'refused'; readonly httpStatus: number; readonly error?: never }
  /** No answer. */
  | { readonly kind: 'failed'; readonly error: WebhookFailure; readonly httpStatus?: never }
);

export interface WebhookAttempt {
  readonly url: string;
  /** JSON, as it was signed. */
  readonly body: string;
  /** What `signWebhook` gives. */
  readonly headers: Readonly<Record<string, string>>;
  readonly traceparent?: string | undefined;
}

export interface SendOptions {
  readonly rules: ReceiverRules;
  readonly resolveHost: ResolveHost;
  /** For all of it: name, connection, answer. Default 15. */
  readonly timeoutSeconds?: number | undefined;
  /** Certificates in PEM to trust in place of the well-known ones. */
  readonly trustedCertificates?: string | undefined;
}

/** It never throws: whatever happens is an outcome. */
export async function sendWebhook(attempt: WebhookAttempt, options: SendOptions): Promise<WebhookOutcome> {
  const startedMs = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedMs);
  const signal = AbortSignal.timeout((options.timeoutSeconds ?? 15) * 1000);
  try {
    // Again, for the rules may have changed since the job was taken.
    const url = checkReceiverUrl(attempt.url, options.rules);
    const addresses = await resolveReceiver(url, options.resolveHost, signal);
    const answered = { latencyMs: 0 };
    const answer = await postWebhook({
      url,
      addresses,
      signal,
      body: attempt.body,
      headers: headersOf(attempt),
      trustedCertificates: options.trustedCertificates,
      onAnswer: () => {
        answered.latencyMs = elapsedMs();
      },
    });
    return { ...outcomeOf(answer), ...answered };
  } catch (error) {
    return { kind: 'failed', error: failureOf(error), latencyMs: elapsedMs() };
  }
}

function headersOf({ headers, traceparent }: WebhookAttempt): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Impasto-Webhook/1',
    ...(traceparent !== undefined && { traceparent }),
    ...headers,
  };
}

function outcomeOf({ status, headers }: Answer) {
  if (status >= 200 && status <= 299) return { kind: 'delivered', httpStatus: status } as const;
  const { 'retry-after': retryAfter = '', date = '' } = headers;
  const seconds = retryAfterSeconds(new Headers({ 'retry-after': retryAfter, date }));
  const asked = seconds === undefined ? {} : { retryAfterSeconds: seconds };
  return { kind: 'refused', httpStatus: status, ...asked } as const;
}

const failureByCode: Readonly<Record<string, WebhookFailure>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'too_many_headers',
  TOO_MANY_INTERIM_ANSWERS: 'too_many_headers',
};
const tlsCode = /^(?:ERR_TLS|ERR_SSL|EPROTO|UNABLE_TO_|HOSTNAME_MISMATCH)|CERT/;

function failureOf(error: unknown): WebhookFailure {
  if (error instanceof JobError) return 'forbidden_address';
  if (error instanceof NameUnresolved) return 'dns';
  if (!(error instanceof Error)) return 'unreachable';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (tlsCode.test(code)) return 'tls';
  return failureByCode[code] ?? (code.startsWith('HPE_') ? 'bad_answer' : 'unreachable');
}
