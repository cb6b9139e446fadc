import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkTemplates } from './check-templates.ts';
import { formatFinding } from './finding.ts';
import { readTemplates } from './parse-bicep.ts';
import { clean, findingsIn, testPlants } from './planted.ts';

test('the templates of the project hold no mistake', async () => {
  const templates = await readTemplates(fileURLToPath(new URL('..', import.meta.url)));
  assert.ok(templates.length > 0);
  assert.deepEqual(checkTemplates(templates).map(formatFinding), []);
});

test('a template without a mistake is clean', async () => {
  assert.deepEqual(await findingsIn(clean), []);
});

testPlants([
  {
    mistake: 'two properties without a comma',
    replace: "{ title: 'a', limit: 1 }",
    by: "{ title: 'a' limit: 1 }",
    at: 'limit: 1 }',
    message: 'Expected a comma or a new line, for the syntax, received neither.',
  },
  {
    mistake: 'a bracket on the next line',
    replace: 'length(other)',
    by: 'length\n(other)',
    at: '(other)',
    message: 'Expected the same line, for a bracket, received a new one.',
  },
  {
    mistake: 'two commas',
    replace: "{ name: 'Consumption', ",
    by: "{ name: 'Consumption',, ",
    message: 'Expected Bicep, for the syntax, received ,',
  },
  {
    mistake: 'a string that does not end',
    replace: "kind: 'StorageV2'\n  sku: { name: 'Standard_LRS' }",
    by: "kind: 'StorageV2\n  sku: { name: Standard_LRS' }",
    at: "kind: 'StorageV2",
    message: "Expected ', for the end of a string, received the end of the line.",
  },
]);
