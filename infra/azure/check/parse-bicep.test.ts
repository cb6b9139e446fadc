// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Bicep writes placeholders in plain strings
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseBicep } from './parse-bicep.ts';
import { everyValue, textOf, valueAt } from './template.ts';

async function readVariable(text: string) {
  const { variables, syntaxErrors } = await parseBicep(`var x = ${text}`, 'x.bicep');
  assert.deepEqual(syntaxErrors, []);
  const value = variables[0]?.value;
  assert.ok(value);
  return value;
}

async function namesIn(text: string): Promise<string[]> {
  const { variables } = await parseBicep(`var x = ${text}`, 'x.bicep');
  return variables.flatMap(({ references }) => references.map(({ name }) => name));
}

test('strings are read as they are meant', async () => {
  assert.equal(
    textOf(await readVariable(String.raw`'it\'s \${a} \\ \u{1F600}\n'`)),
    "it's ${a} \\ \u{1F600}\n",
  );
  assert.equal(textOf(await readVariable("'''\nlines\n\\n'''")), 'lines\n\\n');
  assert.equal((await readVariable("'${a}'")).kind, 'interpolated');
});

test('values are trees, with the place of every entry', async () => {
  const value = await readVariable("{\n  type: 1\n  'a.b': [true, null]\n  '${k}': {}\n}");
  assert.ok(value.kind === 'object');
  assert.deepEqual(
    value.entries.map(({ name, place, value: { kind } }) => [name, place.line, place.column, kind]),
    [
      ['type', 2, 3, 'number'],
      ['a.b', 3, 3, 'array'],
      [undefined, 4, 3, 'object'],
    ],
  );
  assert.deepEqual(
    [...everyValue(value)].map(({ kind }) => kind),
    ['object', 'number', 'array', 'boolean', 'null', 'object'],
  );
});

test('a ternary stays one when its last branch is a chain', async () => {
  const value = await readVariable("empty(x) ? { a: 1 } : b == 'c' ? { a: 2 } : m.outputs.list[0].value");
  assert.ok(value.kind === 'ternary' && value.whenFalse.kind === 'ternary');
  assert.equal(textOf(value.condition), undefined);
  assert.equal(value.whenTrue.kind, 'object');
  assert.equal(value.whenFalse.whenFalse.text, 'm.outputs.list[0].value');
});

test('references leave out keys, loop variables, parameters of lambdas, and properties', async () => {
  assert.deepEqual(await namesIn("{ key: a, '${b}': [for (item, i) in c: '${item.x}${i}${d.y}'] }"), [
    'a',
    'b',
    'c',
    'c',
    'd',
  ]);
  assert.deepEqual(await namesIn('filter(list, v => v.a == v.b || v.c == other)'), [
    'filter',
    'list',
    'other',
  ]);
  assert.deepEqual(await namesIn('sort(list, (a, b) => a.x < b.x)'), ['sort', 'list']);
});

test('a property of the item of a loop is one of what the loop runs over', async () => {
  const { variables } = await parseBicep(
    'var x = [for item in list: [for part in item.parts: item.?name]]',
    'x.bicep',
  );
  assert.deepEqual(
    variables[0]?.references.map(({ name, path, surePath }) => [name, path, surePath]),
    [
      ['list', [], []],
      ['list', ['[]', 'parts'], ['[]', 'parts']],
      ['list', ['[]', 'name'], ['[]']],
    ],
  );
});

test('a reference has its path, without what is called at its end', async () => {
  const { variables } = await parseBicep(
    'var x = { a: m[0].outputs.?id, b: st.listKeys(), c: st!.properties.x }',
    'x.bicep',
  );
  assert.deepEqual(
    variables[0]?.references.map(({ path }) => path),
    [['outputs', 'id'], [], ['properties', 'x']],
  );
});

test('declarations hold what is written about them', async () => {
  const template = await parseBicep(
    `targetScope = 'subscription'
@description('where')
@allowed(['a', 'b'])
param place string
param size ('small' | 'large')?
param secrets string[] = []
resource group 'Microsoft.Resources/resourceGroups@2024-11-01' existing = { name: 'x' }
resource inner 'Microsoft.Storage/storageAccounts@2025-06-01' = [for n in split(place, ','): if (n != size) {
  name: n
  scope: group
  resource blobs 'blobServices' = { name: n }
}]
module part 'sub/part.bicep' = if (empty(secrets)) { name: 'p', scope: group, params: { a: 1 } }
`,
    'x.bicep',
  );
  assert.deepEqual(template.syntaxErrors, []);
  assert.equal(template.targetScope, 'subscription');
  assert.deepEqual(
    template.parameters.map(({ name, type, decorators }) => [
      name,
      type.kind,
      type.nullable,
      type.allowed,
      decorators.length,
    ]),
    [
      ['place', 'string', false, ['a', 'b'], 2],
      ['size', 'string', true, ['small', 'large'], 0],
      ['secrets', 'array', false, undefined, 0],
    ],
  );
  const [group, inner, blobs] = template.resources;
  assert.ok(group?.existing && !inner?.existing);
  assert.deepEqual(
    [inner?.version, inner?.over?.text, inner?.scope?.text],
    ['2025-06-01', "split(place, ',')", 'group'],
  );
  assert.deepEqual(
    [blobs?.type, blobs?.version, blobs?.inside],
    ['Microsoft.Storage/storageAccounts/blobServices', '2025-06-01', 'inner'],
  );
  assert.deepEqual(blobs?.references, []);
  assert.equal(template.modules[0]?.path, 'sub/part.bicep');
  assert.equal(template.modules[0]?.condition?.text, 'empty(secrets)');
  assert.equal(valueAt(template.modules[0]?.params, 'a')?.text, '1');
});

test('the program prints what it finds and ends with 1', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'impasto-bicep-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.bicep'), 'output x string = y\n');
  const run = () =>
    spawnSync(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), folder], {
      encoding: 'utf8',
    });
  const broken = run();
  assert.match(
    broken.stdout,
    /a\.bicep:1:19 Expected a declaration, for y, received nothing\.\n1 templates, 1 findings\n$/,
  );
  assert.equal(broken.status, 1);
  writeFileSync(join(folder, 'a.bicep'), "output x string = 'y'\n");
  assert.equal(run().status, 0);
});
