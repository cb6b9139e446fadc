// Addresses of a job, absolute, so that no client has to build one; and the id in such an address.
import type { HttpRequest } from '@azure/functions';
import { JobError, type JobLinks } from '@impasto/shared';
import { validate } from 'uuid';

export function linksOf(request: HttpRequest, jobId: string): JobLinks {
  return linksFrom(originOf(request), jobId);
}

/** Where the caller reached us: `https://host`. */
export function originOf(request: HttpRequest): string {
  return new URL(request.url).origin;
}

export function linksFrom(origin: string, jobId: string): JobLinks {
  const api = `${origin}/api`;
  return {
    status: `${api}/status/${jobId}`,
    events: `${api}/status/${jobId}/events`,
    result: `${api}/result/${jobId}`,
    cancel: `${api}/cancel/${jobId}`,
    delete: `${api}/jobs/${jobId}`,
    deliveries: `${api}/jobs/${jobId}/deliveries`,
  };
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
