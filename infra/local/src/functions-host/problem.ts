// What the host itself has to say no to, before or after the app had its turn, as problem+json (RFC 9457).
import { errorCatalogue, makeProblem, type Problem } from '@impasto/shared';

const hostProblems = {
  not_found: errorCatalogue.not_found,
  body_too_large: errorCatalogue.body_too_large,
  internal_error: errorCatalogue.internal_error,
  bad_request: { status: 400, title: 'The request is not valid HTTP', retryable: false },
  request_timeout: errorCatalogue.request_timeout,
  headers_too_large: { status: 431, title: 'The headers are too large', retryable: false },
} as const;

export type HostProblemCode = keyof typeof hostProblems;

export const problemHeaders = {
  'content-type': 'application/problem+json',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

export function makeHostProblem(code: HostProblemCode, detail: string, requestId: string): Problem {
  return makeProblem(code, hostProblems[code], detail, { request_id: requestId });
}
