// What both clients are made with, checked: where the service is, the key, and how patient to be.
import { StyleTransferError } from './error.ts';
import type { RetryNotice } from './retry.ts';
import type { TransportSettings } from './transport.ts';

export const defaultBaseUrl = 'http://localhost:7071';

export interface StyleTransferClientOptions {
  /** Default `http://localhost:7071`; may have a path, but no query and no credentials. */
  readonly baseUrl?: string | undefined;
  /** Sent as `x-functions-key`. */
  readonly functionKey?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Limit for one request with its whole answer; default 120. */
  readonly requestTimeoutSeconds?: number | undefined;
  /** Total of the pauses between repetitions of one request; 0 for none; default 60. */
  readonly retrySeconds?: number | undefined;
  readonly userAgent?: string | undefined;
  /** Told before each pause, so that a person can be told. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** @throws StyleTransferError `invalid_argument`. */
export function settingsFrom(options: StyleTransferClientOptions): TransportSettings {
  return {
    baseUrl: checkedBaseUrl(options.baseUrl ?? defaultBaseUrl),
    functionKey: checkedKey(options.functionKey),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    requestTimeoutSeconds: options.requestTimeoutSeconds ?? 120,
    retrySeconds: options.retrySeconds ?? 60,
    userAgent: options.userAgent ?? 'impasto-client',
    onRetry: options.onRetry,
  };
}

function checkedBaseUrl(text: string): string {
  const url = URL.parse(text);
  const usable =
    url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
  if (usable) return (url.origin + url.pathname).replace(/(?<!\/)\/+$/, '');
  const expected = 'an http or https address without credentials, query and fragment';
  // What was received stays out of the message: it may hold a password.
  throw new StyleTransferError(
    'invalid_argument',
    `Expected ${expected} for baseUrl, received another text.`,
  );
}

function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined || /^[\x21-\x7e]+$/.test(key)) return key;
  const message = 'Expected printable ASCII characters without spaces for functionKey, received others.';
  throw new StyleTransferError('invalid_argument', message);
}
