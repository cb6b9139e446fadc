// The corpus, rows A67 to A82: ids that are none, headers that mean something else.
import { get } from './raw-http.ts';
import type { Row } from './row.ts';

const unknown = '3f2a1b4c-5d6e-4f70-8a9b-0c1d2e3f4a5b';

const ids: readonly (readonly [id: string, what: string, inPath: string])[] = [
  ['A67', 'no uuid', 'x'],
  ['A67b', 'nearly a uuid', unknown.slice(1)],
  ['A68', 'an unknown id in capitals', unknown.toUpperCase()],
  ['A69', 'a way up', '%2e%2e%2f'],
  ['A69b', 'a way up and into another place', `..%2f..%2finputs%2f${unknown}%2fcontent`],
  ['A69c', 'a way up with the other slash', '..%5c..%5cjobs'],
  ['A70', 'a NUL', '%00'],
  ['A70b', 'a NUL behind an id', `${unknown}%00`],
  ['A71', 'an id of 2 kB', 'a'.repeat(2_000)],
  ['A72', 'the nil uuid', '00000000-0000-0000-0000-000000000000'],
  ['A73', 'an unknown id', unknown],
];

const jobNotFound = { status: 404, code: 'job_not_found' };

export const addressRows: readonly Row[] = [
  ...['status', 'result'].flatMap((route) =>
    ids.map(([id, what, inPath]) => ({
      id,
      what: `${what} under /${route}`,
      request: get(`/api/${route}/${inPath}`),
      ...jobNotFound,
    })),
  ),
  {
    id: 'A70c',
    what: 'an escape that is none',
    request: get('/api/status/%zz'),
    status: 404,
    code: 'not_found',
  },
  {
    id: 'A79',
    what: 'a wish for a picture in place of an error',
    request: get(`/api/result/${unknown}`, { Accept: 'image/png' }),
    ...jobNotFound,
  },
  ...[
    ['A82', 'a forged cursor', 'forged'],
    ['A82b', 'a forged cursor of markup', '%3Cscript%3E%0D%0A'],
    ['A82c', 'a cursor of 5 kB', 'x'.repeat(5_000)],
  ].map(([id = '', what = '', cursor]) => ({
    id,
    what,
    request: get(`/api/dead-letters?cursor=${cursor}`),
    status: 400,
    code: 'invalid_cursor',
  })),
];
