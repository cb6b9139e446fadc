// Addresses of a job, absolute, so that no client has to build one.
import type { HttpRequest } from '@azure/functions';
import { JobError, type JobLinks } from '@impasto/shared';
import { validate } from 'uuid';

export function linksOf(request: HttpRequest, jobId: string): JobLinks {
  const { origin } = new URL(request.url);
  return { status: `${origin}/api/status/${jobId}`, result: `${origin}/api/result/${jobId}` };
}

/** @throws JobError `job_not_found` where the path holds no id that we could have given out. */
export function jobIdOf(request: HttpRequest): string {
  const jobId = request.params.job_id ?? '';
  if (validate(jobId)) return jobId.toLowerCase();
  throw noSuchJob(jobId);
}

export function noSuchJob(jobId: string): JobError {
  return new JobError(
    'job_not_found',
    `Expected the id of a job, received ${JSON.stringify(jobId.slice(0, 60))}`,
  );
}
