// Counts what becomes of submissions, from the outside: from the answer that the caller gets. Their spans say it, too.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { toJobError } from '@impasto/shared';
import { currentSpan } from '@impasto/shared/telemetry';
import type { Handler } from '../http/respond.ts';
import type { Telemetry } from './telemetry.ts';

/** Nobody's answer waits for its being counted. */
export function countSubmissions(
  kind: 'job' | 'batch',
  telemetry: () => Promise<Pick<Telemetry, 'submitted'>>,
  handler: Handler,
): Handler {
  return async (request, context) => {
    const startedAt = performance.now();
    const count = (outcome: string) => {
      const seconds = (performance.now() - startedAt) / 1000;
      currentSpan()?.setAttribute('impasto.submission.outcome', outcome);
      void telemetry()
        .then((it) => it.submitted({ kind, outcome }, wishesToWait(request) ? undefined : seconds))
        .catch((error: unknown) => context.log.warn('submission.not_counted', { error }));
    };
    try {
      const answer = await handler(request, context);
      count(outcomeOf(answer));
      return answer;
    } catch (error) {
      count(`refused:${toJobError(error).code}`);
      throw error;
    }
  };
}

/** `reused`: given a copy of an earlier result. */
function outcomeOf({ headers, jsonBody }: HttpResponseInit): 'accepted' | 'reused' | 'replayed' {
  if (new Headers(headers as Record<string, string>).has('Idempotency-Replayed')) return 'replayed';
  return Object(jsonBody).cache?.hit === true ? 'reused' : 'accepted';
}

function wishesToWait({ headers }: HttpRequest): boolean {
  return headers.has('Prefer');
}
