// What a failed fetch means, in words, and whether the request can have reached the service.
import { messageOf } from '../errors.ts';

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
};

/** Failures of connecting: no byte of the request has left. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** fetch() throws a TypeError that says little; the system's error is somewhere down its causes. */
function systemErrors(thrown: unknown): Error[] {
  if (!(thrown instanceof Error)) return [];
  const inner = thrown instanceof AggregateError ? thrown.errors : [thrown.cause];
  return [thrown, ...inner.flatMap(systemErrors)];
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export interface NetworkFailure {
  readonly reason: string;
  /** True only where it is certain that nothing was sent. */
  readonly nothingSent: boolean;
}

export function explainNetworkFailure(thrown: unknown): NetworkFailure {
  const chain = systemErrors(thrown);
  const codes = chain.map(codeOf).filter((code) => code !== '');
  const known = codes.find((code) => words[code] !== undefined);
  const reason = (known && words[known]) ?? messageOf(chain.at(-1) ?? thrown);
  return { reason, nothingSent: codes.length > 0 && codes.every((code) => beforeSending.has(code)) };
}
