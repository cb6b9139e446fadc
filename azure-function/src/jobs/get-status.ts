// GET /api/status/{job_id}: the job as it is now or, with `?wait=`, as soon as it is done; 304 to who has seen that. A
// failed job is data, not an HTTP error.
import type { HttpRequest } from '@azure/functions';
import {
  type ImageStore,
  isDone,
  JobError,
  readImage,
  type StatusView,
  type StoredJob,
} from '@impasto/shared';
import { callerGone } from '../http/connections.ts';
import { hasAlready, signingMark, viewTag } from '../http/entity-tag.ts';
import { makeLargeBodyQueue } from '../http/large-bodies.ts';
import type { Handler } from '../http/respond.ts';
import { comeBackSeconds } from '../waiting/estimate-wait.ts';
import { outlookMark } from '../waiting/outlook.ts';
import { mostWaitSeconds, preferenceApplied, preferredWaitSeconds } from '../waiting/prefer.ts';
import { makeWaitForDone, type WaitForDone } from '../waiting/wait-for-done.ts';
import { jobIdOf } from './job-links.ts';
import type { ViewJob } from './job-view.ts';
import type { ReadJob } from './read-job.ts';

interface Dependencies {
  readonly readJob: ReadJob;
  readonly viewJob: ViewJob;
  readonly images: ImageStore;
  /** To share with others who wait for jobs. */
  readonly waitForDone?: WaitForDone;
}

export function makeGetStatus(deps: Dependencies): Handler {
  const { viewJob, images, waitForDone = makeWaitForDone(deps) } = deps;
  const inTurn = makeLargeBodyQueue();
  return async (request, { requestId }) => {
    const jobId = jobIdOf(request);
    const withImage = wantsImage(request);
    const seconds = askedWaitSeconds(request);
    const preferred = seconds === undefined ? preferredWaitSeconds(request) : undefined;

    const startedAt = performance.now();
    const stored = await waitForDone(jobId, seconds ?? preferred ?? 0, callerGone(requestId));
    const waited = (performance.now() - startedAt) / 1_000;

    const { job, ageSeconds } = stored;
    const view = isDone(job) ? undefined : await viewJob(request, job, { ageSeconds });
    const headers = {
      ...headersOf(stored, withImage, view),
      ...preferenceApplied(preferred, stored, waited),
    };
    if (hasAlready(request, viewTag(stored, formOf(withImage, view)))) return { status: 304, headers };
    if (view) return { jsonBody: view, headers };

    const answer = async (resultImage?: string) => {
      const jsonBody = await viewJob(request, job, { resultImage });
      return { jsonBody, headers: { ...headers, ...headersOf(stored, withImage, jsonBody) } };
    };
    if (!withImage || job.status !== 'completed') return answer();
    const { key, bytes } = job.result;
    return await inTurn(String(bytes), async () =>
      answer((await readImage(images, key))?.toString('base64')),
    );
  };
}

/** @param view where it was made already: always of a job that is not done. */
function headersOf(stored: StoredJob, withImage: boolean, view: StatusView | undefined) {
  const tag = viewTag(stored, formOf(withImage, view));
  return {
    // Weak where the seconds of an estimate change and what they say does not.
    ETag: isDone(stored.job) ? tag : `W/${tag}`,
    // To be kept, and to be asked about each time.
    'Cache-Control': 'private, no-cache',
    ...(view?.wait && { 'Retry-After': String(comeBackSeconds(view.wait.estimated_seconds)) }),
  };
}

function formOf(withImage: boolean, view: StatusView | undefined): string {
  const marks = view ? [outlookMark(view), signingMark(view.result?.result_url, view.urls)] : [];
  const parts = [withImage ? '' : 'none', ...marks];
  return parts.filter((part) => part !== '').join('-');
}

function wantsImage(request: HttpRequest): boolean {
  const include = request.query.get('include');
  if (include === null || include === 'image') return true;
  if (include === 'none') return false;
  throw new JobError(
    'invalid_value',
    `Expected image or none for include, received ${JSON.stringify(include.slice(0, 40))}`,
  );
}

/** @throws JobError `invalid_value`. */
export function askedWaitSeconds(request: HttpRequest): number | undefined {
  const wait = request.query.get('wait');
  if (wait === null) return undefined;
  if (/^\d+$/.test(wait)) return Math.min(Number(wait), mostWaitSeconds);
  throw new JobError(
    'invalid_value',
    `Expected whole seconds, 0 to ${mostWaitSeconds}, for wait, received ${JSON.stringify(wait.slice(0, 40))}`,
  );
}
