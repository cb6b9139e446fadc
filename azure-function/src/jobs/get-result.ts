// GET and HEAD /api/result/{job_id}: the painted picture itself, or a part of it.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import {
  type CompletedJob,
  contentTypes,
  type ImageStore,
  isDone,
  type Job,
  JobError,
} from '@impasto/shared';
import { streamTo } from '../http/connections.ts';
import { assertMatches, hasAlready } from '../http/entity-tag.ts';
import { type Handler, problemResponse, type RequestContext } from '../http/respond.ts';
import { rangeOf } from './byte-range.ts';
import { jobIdOf } from './job-links.ts';
import { resultFileName } from './job-view.ts';
import type { ReadJob } from './read-job.ts';
import { streamImage } from './stream-image.ts';

interface Dependencies {
  readonly readJob: ReadJob;
  readonly images: Pick<ImageStore, 'get'>;
}

export function makeGetResult({ readJob, images }: Dependencies): Handler {
  return async (request, context) => {
    const { job, goneAt } = await readJob(jobIdOf(request));
    if (job.status !== 'completed') throw notCompleted(job);
    const headers = headersOf(job, goneAt);
    assertMatches(request, headers.ETag);
    if (hasAlready(request, headers.ETag)) return { status: 304, headers };
    try {
      return await pictureOf(images, { job, headers, request, context });
    } catch (error) {
      if (!(error instanceof JobError) || error.code !== 'range_not_satisfiable') throw error;
      return problemResponse(error, context.requestId, { 'Content-Range': `bytes */${job.result.bytes}` });
    }
  };
}

interface Asked {
  readonly job: CompletedJob;
  readonly headers: ReturnType<typeof headersOf>;
  readonly request: HttpRequest;
  readonly context: RequestContext;
}

async function pictureOf(
  images: Dependencies['images'],
  { job, headers, request, context }: Asked,
): Promise<HttpResponseInit> {
  const { key, bytes } = job.result;
  const part = rangeOf(request, bytes, headers.ETag);
  // To know that it is there takes a byte.
  const wanted = request.method === 'HEAD' ? { offset: 0, count: 1 } : { offset: 0, count: bytes };
  const picture = await streamImage(images, key, part ?? wanted);
  if (!picture) throw new JobError('result_gone', `the result of job ${job.jobId} has been removed`);
  if (request.method === 'HEAD') return { headers: { ...headers, 'Content-Length': String(bytes) } };
  const body = streamTo(context, picture);
  if (!part) return { body, headers: { ...headers, 'Content-Length': String(bytes) } };
  const contentRange = `bytes ${part.offset}-${part.offset + part.count - 1}/${bytes}`;
  const partial = { 'Content-Range': contentRange, 'Content-Length': String(part.count) };
  return { status: 206, body, headers: { ...headers, ...partial } };
}

function notCompleted(job: Job): JobError {
  const why = job.status === 'failed' ? `: ${job.error.code}, ${job.error.message}` : '';
  const detail = `job ${job.jobId} is ${job.status}${why}; there is a result once it is completed`;
  return new JobError('not_completed', detail, { retryable: !isDone(job) });
}

/** A day, in seconds. */
const mostCachedSeconds = 86_400;

/** A result never changes under its name, so its own hash is its ETag and a cache may keep it: not for longer than we do. */
function headersOf(job: CompletedJob, goneAt: string | undefined) {
  const leftSeconds = goneAt === undefined ? mostCachedSeconds : (Date.parse(goneAt) - Date.now()) / 1000;
  const cachedSeconds = Math.max(0, Math.min(mostCachedSeconds, Math.floor(leftSeconds)));
  return {
    'Content-Type': contentTypes[job.result.format],
    'Content-Disposition': `inline; filename="${resultFileName(job)}"`,
    'Cache-Control': `private, max-age=${cachedSeconds}, immutable`,
    'Accept-Ranges': 'bytes',
    ETag: `"${job.result.sha256}"`,
  };
}
