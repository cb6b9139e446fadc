// GET /api/batch/{batch_id}: the batch as it is now or, with `?wait=`, as soon as it is done; 304 to who has seen that.
import type { HttpRequest } from '@azure/functions';
import { JobError } from '@impasto/shared';
import { callerGone } from '../http/connections.ts';
import { hasAlready } from '../http/entity-tag.ts';
import type { Handler } from '../http/respond.ts';
import { askedWaitSeconds } from '../jobs/get-status.ts';
import type { ViewJob } from '../jobs/job-view.ts';
import { preferenceFollowed, preferredWaitSeconds } from '../waiting/prefer.ts';
import { batchIdOf } from './batch-links.ts';
import { batchTag, comeBackHeader, isBatchDone, viewBatch } from './batch-view.ts';
import type { WaitForBatch } from './make-batches.ts';

interface Dependencies {
  readonly viewJob: ViewJob;
  readonly waitForBatch: WaitForBatch;
}

export function makeGetBatch({ viewJob, waitForBatch }: Dependencies): Handler {
  return async (request, { requestId }) => {
    const batchId = batchIdOf(request);
    const withJobs = wantsJobs(request);
    const seconds = askedWaitSeconds(request);
    const preferred = seconds === undefined ? preferredWaitSeconds(request) : undefined;

    const startedAt = performance.now();
    const state = await waitForBatch(batchId, seconds ?? preferred ?? 0, callerGone(requestId));
    const waited = (performance.now() - startedAt) / 1_000;

    const view = await viewBatch(viewJob, request, state);
    const tag = batchTag(state, view, withJobs ? '' : 'none');
    const headers = {
      // Weak where the seconds of an estimate change and what they say does not.
      ETag: view.done ? tag : `W/${tag}`,
      'Cache-Control': 'private, no-cache',
      ...comeBackHeader(view),
      ...preferenceFollowed(preferred, isBatchDone(state), waited),
    };
    if (hasAlready(request, tag)) return { status: 304, headers };
    return { jsonBody: withJobs ? view : { ...view, jobs: [] }, headers };
  };
}

function wantsJobs(request: HttpRequest): boolean {
  const include = request.query.get('include');
  if (include === null || include === 'jobs') return true;
  if (include === 'none') return false;
  throw new JobError(
    'invalid_value',
    `Expected jobs or none for include, received ${JSON.stringify(include.slice(0, 40))}`,
  );
}
