// Every address under /api that is none of ours, and every method that one of ours does not take.
import { JobError } from '@impasto/shared';
import { type Handler, problemResponse } from './respond.ts';
import { methodsOf } from './routes.ts';

export function makeRefuseAddress(): Handler {
  return async (request, { requestId }) => {
    const path = new URL(request.url).pathname.replace(/^\/api\/?/i, '');
    const allowed = methodsOf(path);
    if (allowed.length === 0)
      throw new JobError('not_found', 'Expected an address that GET /api lists, received another');
    const error = new JobError(
      'method_not_allowed',
      `Expected ${allowed.join(' or ')} at this address, received ${request.method}`,
    );
    return problemResponse(error, requestId, { Allow: allowed.join(', ') });
  };
}
