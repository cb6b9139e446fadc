// GET /api/result/{job_id}: the painted picture itself.
import {
  type CompletedJob,
  contentTypes,
  fileExtensions,
  type ImageStore,
  isDone,
  type Job,
  JobError,
  type JobStore,
  readImage,
} from '@impasto/shared';
import { hasAlready } from './entity-tag.ts';
import { jobIdOf, noSuchJob } from './job-links.ts';
import { makeLargeBodyQueue } from './large-bodies.ts';
import type { Handler } from './respond.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
}

export function makeGetResult({ jobs, images }: Dependencies): Handler {
  const inTurn = makeLargeBodyQueue();
  return async (request) => {
    const jobId = jobIdOf(request);
    const stored = await jobs.get(jobId);
    if (!stored) throw noSuchJob(jobId);
    if (stored.job.status !== 'completed') throw notCompleted(stored.job);
    const headers = headersOf(stored.job);
    if (hasAlready(request, headers.ETag)) return { status: 304, headers };
    const { key, bytes } = stored.job.result;
    const image = await inTurn(String(bytes), () => readImage(images, key));
    if (!image) throw new JobError('result_gone', `the result of job ${jobId} has been removed`);
    return { body: image, headers: { ...headers, 'Content-Length': String(image.byteLength) } };
  };
}

function notCompleted(job: Job): JobError {
  const why = job.status === 'failed' ? `: ${job.error.code}, ${job.error.message}` : '';
  const detail = `job ${job.jobId} is ${job.status}${why}; there is a result once it is completed`;
  return new JobError('not_completed', detail, { retryable: !isDone(job) });
}

// A result never changes under its name, so its own hash is its ETag and a cache may keep it.
function headersOf({ jobId, result }: CompletedJob) {
  return {
    'Content-Type': contentTypes[result.format],
    'Content-Disposition': `inline; filename="impasto-${jobId}.${fileExtensions[result.format]}"`,
    'Cache-Control': 'private, max-age=86400, immutable',
    ETag: `"${result.sha256}"`,
  };
}
