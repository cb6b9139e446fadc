// The addresses of the API, once: for registration, for the index, and for saying what is wrong with a wrong one.
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
] as const;

export type RouteName = (typeof routes)[number]['name'];

/** The method that an address takes, or undefined where there is nothing. `path` is what follows `/api/`. */
export function methodOf(path: string): string | undefined {
  const [first = '', ...rest] = path.split('/').filter((part) => part !== '');
  const found = routes.find((route) => {
    const [literal = '', ...parameters] = route.path.split('/').filter((part) => part !== '');
    return literal === first.toLowerCase() && parameters.length === rest.length;
  });
  return found?.method;
}
