// GET /api/status/{job_id}: the job as it is now, or 304 to who has seen that. A failed job is data, not an HTTP error.
import type { HttpRequest } from '@azure/functions';
import {
  type ImageStore,
  isDone,
  JobError,
  type JobStore,
  readImage,
  type StoredJob,
  statusView,
} from '@impasto/shared';
import { hasAlready } from './entity-tag.ts';
import { jobIdOf, linksOf, noSuchJob } from './job-links.ts';
import { makeLargeBodyQueue } from './large-bodies.ts';
import type { Handler } from './respond.ts';
import { shareReads } from './shared-reads.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
}

export function makeGetStatus({ jobs, images }: Dependencies): Handler {
  const read = shareReads((jobId) => jobs.get(jobId));
  const inTurn = makeLargeBodyQueue();
  return async (request) => {
    const jobId = jobIdOf(request);
    const withImage = wantsImage(request);
    const stored = await read(jobId);
    if (!stored) throw noSuchJob(jobId);
    const headers = headersOf(stored, withImage);
    if (hasAlready(request, headers.ETag)) return { status: 304, headers };
    const { job } = stored;
    const answer = (image?: string) => ({
      jsonBody: statusView(job, linksOf(request, jobId), image),
      headers,
    });
    if (!withImage || job.status !== 'completed') return answer();
    const { key, bytes } = job.result;
    return await inTurn(String(bytes), async () =>
      answer((await readImage(images, key))?.toString('base64')),
    );
  };
}

function headersOf({ job, version }: StoredJob, withImage: boolean) {
  return {
    ETag: `"${version}${withImage ? '' : '-none'}"`,
    // To be kept, and to be asked about each time.
    'Cache-Control': 'private, no-cache',
    ...(!isDone(job) && { 'Retry-After': '1' }),
  };
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
