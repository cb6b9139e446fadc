// The addresses of the API, once: for registration, for the index, and for saying what is wrong with a wrong one.
// Level `function` takes any key of the app, `admin` its master key alone: dead letters are an operator's business.
export const routes = [
  { name: 'submit-job', method: 'POST', path: 'style-transfer', authLevel: 'function', about: 'send a job' },
  {
    name: 'get-status',
    method: 'GET',
    path: 'status/{job_id}',
    authLevel: 'function',
    about: 'how the job is doing',
  },
  {
    name: 'get-result',
    method: 'GET',
    path: 'result/{job_id}',
    authLevel: 'function',
    about: 'the painted picture',
  },
  {
    name: 'get-health',
    method: 'GET',
    path: 'health',
    authLevel: 'anonymous',
    about: 'whether jobs can be taken',
  },
  { name: 'get-index', method: 'GET', path: '/', authLevel: 'anonymous', about: 'this list' },
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

/** The methods that an address takes: none where there is nothing. `path` is what follows `/api/`. */
export function methodsOf(path: string): string[] {
  const parts = partsOf(path.toLowerCase());
  const found = routes.filter((route) => {
    const template = partsOf(route.path);
    return template.length === parts.length && template.every((part, index) => fits(part, parts[index]));
  });
  return [...new Set(found.map((route) => route.method))];
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function fits(template: string, part: string | undefined): boolean {
  return template.startsWith('{') || template === part;
}
