// The table of settings names every one that a program reads, and no other.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { environmentSchema as functionSchema } from '../azure-function/src/config.ts';
import { environmentSchema as workerSchema } from '../container-app/src/config.ts';
import { environmentSchema as localSchema } from '../infra/local/src/config.ts';

/** Read by the command line, and by the platform's own host. */
const others = ['IMPASTO_URL', 'IMPASTO_KEY', 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'];

test('docs/operations.md has a row for every setting, and for nothing else', async () => {
  const text = await readFile(new URL('../docs/operations.md', import.meta.url), 'utf8');
  const [, table = ''] = /^## Settings\n(.*?)^###? /ms.exec(text) ?? [];
  const rows = [...table.matchAll(/^\| (`[A-Z].*?) \|/gm)].flatMap(([, names = '']) => names.split(', '));
  const read = [functionSchema, workerSchema, localSchema].flatMap(({ shape }) => Object.keys(shape));
  const expected = [...new Set([...read, ...others])].map((name) => `\`${name}\``);
  assert.deepEqual(rows.sort(), expected.sort());
});
