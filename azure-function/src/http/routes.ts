// The addresses of the API, once: for registration, for the index, and for saying what is wrong with a wrong one.
// Level `function` takes any key of the app, `admin` its master key alone: dead letters are an operator's business.
import type { HttpMethod } from '@azure/functions';

interface Route {
  readonly method: HttpMethod;
  /** Other methods that the same function answers. */
  readonly also?: readonly HttpMethod[];
}

export const routes = [
  { name: 'submit-job', method: 'POST', path: 'style-transfer', authLevel: 'function', about: 'send a job' },
  {
    name: 'submit-batch',
    method: 'POST',
    path: 'style-transfer/batch',
    authLevel: 'function',
    about: 'send many jobs at once',
  },
  {
    name: 'get-batch',
    method: 'GET',
    path: 'batch/{batch_id}',
    authLevel: 'function',
    about: 'how the jobs of a batch are doing',
  },
  {
    name: 'delete-batch',
    method: 'DELETE',
    path: 'batch/{batch_id}',
    authLevel: 'function',
    about: 'remove a batch with its jobs and their pictures',
  },
  {
    name: 'cancel-batch',
    method: 'POST',
    path: 'batch/{batch_id}/cancel',
    authLevel: 'function',
    about: 'end all jobs of a batch, or ask for their end',
  },
  {
    name: 'batch-results',
    method: 'GET',
    path: 'batch/{batch_id}/results',
    authLevel: 'function',
    about: 'the pictures of a batch as a ZIP file',
  },
  {
    name: 'get-status',
    method: 'GET',
    path: 'status/{job_id}',
    authLevel: 'function',
    about: 'how the job is doing',
  },
  {
    name: 'status-events',
    method: 'GET',
    path: 'status/{job_id}/events',
    authLevel: 'function',
    about: 'how the job is doing, as it goes on',
  },
  {
    name: 'get-result',
    method: 'GET',
    also: ['HEAD'],
    path: 'result/{job_id}',
    authLevel: 'function',
    about: 'the painted picture',
  },
  {
    name: 'cancel-job',
    method: 'POST',
    path: 'cancel/{job_id}',
    authLevel: 'function',
    about: 'end the job, or ask for its end',
  },
  { name: 'list-jobs', method: 'GET', path: 'jobs', authLevel: 'function', about: 'the jobs, newest first' },
  {
    name: 'get-job',
    method: 'GET',
    path: 'jobs/{job_id}',
    authLevel: 'function',
    about: 'how the job is doing',
  },
  {
    name: 'delete-job',
    method: 'DELETE',
    path: 'jobs/{job_id}',
    authLevel: 'function',
    about: 'remove the job and its pictures',
  },
  {
    name: 'list-deliveries',
    method: 'GET',
    path: 'jobs/{job_id}/deliveries',
    authLevel: 'function',
    about: 'what the receiver of the job was told',
  },
  {
    name: 'redeliver',
    method: 'POST',
    path: 'jobs/{job_id}/deliveries/{delivery_id}/redeliver',
    authLevel: 'function',
    about: 'tell the receiver again',
  },
  {
    name: 'get-health',
    method: 'GET',
    path: 'health',
    authLevel: 'anonymous',
    about: 'whether jobs can be taken',
  },
  {
    name: 'get-metrics',
    method: 'GET',
    path: 'metrics',
    authLevel: 'function',
    about: 'what an operator watches, for Prometheus',
  },
  { name: 'get-index', method: 'GET', path: '/', authLevel: 'anonymous', about: 'this list' },
  {
    name: 'get-limits',
    method: 'GET',
    path: 'limits',
    authLevel: 'anonymous',
    about: 'what a caller may ask for',
  },
  {
    name: 'get-openapi',
    method: 'GET',
    path: 'openapi.json',
    authLevel: 'anonymous',
    about: 'this API as an OpenAPI document',
  },
  {
    name: 'get-docs',
    method: 'GET',
    path: 'docs',
    authLevel: 'anonymous',
    about: 'this API as a page to read',
  },
  {
    name: 'list-dead-letters',
    method: 'GET',
    path: 'dead-letters',
    authLevel: 'admin',
    about: 'what ended badly',
  },
  {
    name: 'purge-dead-letters',
    method: 'DELETE',
    path: 'dead-letters',
    authLevel: 'admin',
    about: 'throw many dead letters away',
  },
  {
    name: 'replay-dead-letters',
    method: 'POST',
    path: 'dead-letters/replay',
    authLevel: 'admin',
    about: 'queue many failed jobs again',
  },
  {
    name: 'get-dead-letter',
    method: 'GET',
    path: 'dead-letters/{id}',
    authLevel: 'admin',
    about: 'why a job failed, and whether it can be tried again',
  },
  {
    name: 'purge-dead-letter',
    method: 'DELETE',
    path: 'dead-letters/{id}',
    authLevel: 'admin',
    about: 'throw a dead letter away, and the images of its job',
  },
  {
    name: 'replay-dead-letter',
    method: 'POST',
    path: 'dead-letters/{id}/replay',
    authLevel: 'admin',
    about: 'queue a failed job again',
  },
] as const;

export type RouteName = (typeof routes)[number]['name'];

/** All methods that a route's function answers. */
export function methodsOfRoute({ method, also = [] }: Route): HttpMethod[] {
  return [method, ...also];
}

/** The methods that an address takes: none where there is nothing. `path` is what follows `/api/`. */
export function methodsOf(path: string): HttpMethod[] {
  const parts = partsOf(path.toLowerCase());
  const found = routes.filter((route) => {
    const template = partsOf(route.path);
    return template.length === parts.length && template.every((part, index) => fits(part, parts[index]));
  });
  return [...new Set(found.flatMap((route) => methodsOfRoute(route)))];
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function fits(template: string, part: string | undefined): boolean {
  return template.startsWith('{') || template === part;
}
