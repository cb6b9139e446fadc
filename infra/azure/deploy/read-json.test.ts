// The answers of an az that gives JSON where plain text was asked for: every query that the scripts have, on what Azure says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

function read(query: string, answer: unknown): string {
  const input = JSON.stringify(answer, undefined, 2);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'read-json.mjs'), query], {
    input,
  });
  assert.equal(status, 0, stderr.toString());
  return stdout.toString();
}

const usages = { value: [{ name: { value: 'Gpus', localizedValue: 'G' }, currentValue: 0, limit: 3 }] };
const containers = [{ image: 'cr/impasto-worker:1' }];
const worker = { tags: { 'azd-service-name': 'worker' }, properties: { template: { containers } } };
const vault = { name: 'kv', properties: { tags: { 'azd-env-name': '$name' }, location: 'westus3' } };

const cases: readonly (readonly [query: string, answer: unknown, text: string])[] = [
  ['"azure-cli"', { 'azure-cli': '2.80.0', 'azure-cli-core': '2.81.0' }, '2.80.0'],
  ['id', { id: '1', name: 'Main', user: { name: 'me@example.com' } }, '1'],
  ['user.name', { id: '1', name: 'Main', user: { name: 'me@example.com' } }, 'me@example.com'],
  [
    '[].roleDefinitionName',
    [{ roleDefinitionName: 'Reader' }, { roleDefinitionName: 'Owner' }],
    'Reader\nOwner',
  ],
  [
    "[?registrationState=='Registered'].namespace",
    [
      { namespace: 'Microsoft.App', registrationState: 'NotRegistered' },
      { namespace: 'Microsoft.Web', registrationState: 'Registered' },
    ],
    'Microsoft.Web',
  ],
  ['[].name', [{ name: 'D4' }, { name: 'Consumption' }], 'D4\nConsumption'],
  ['value[].[name.value, currentValue, limit]', usages, 'Gpus\t0\t3'],
  ['[0].name', [{ name: 'rg' }, { name: 'other' }], 'rg'],
  ['location', { location: 'westus3' }, 'westus3'],
  [
    '[?tags.\\"azd-service-name\\"==\'worker\'] | [0].properties.template.containers[0].image',
    [{ tags: null }, worker],
    'cr/impasto-worker:1',
  ],
  ['name', { name: 'webhook-secrets' }, 'webhook-secrets'],
  [
    'properties.timePeriod.startDate',
    { properties: { timePeriod: { startDate: '2026-03-01' } } },
    '2026-03-01',
  ],
  ['loginServer', { loginServer: 'cr.azurecr.io' }, 'cr.azurecr.io'],
  ['digest', { digest: 'sha256:0' }, 'sha256:0'],
  ["[?name=='$setting'].name", [{ name: '$setting' }, { name: 'another' }], '$setting'],
  ['functionKeys.default', { functionKeys: { default: 'a' }, masterKey: 'b' }, 'a'],
  [
    '[].[type, name]',
    [
      { type: 'T', name: 'n' },
      { type: 'U', name: null },
    ],
    'T\tn\nU\t',
  ],
  [
    '[?properties.tags.\\"azd-env-name\\"==\'$name\'].[name, properties.location]',
    [vault, {}],
    'kv\twestus3',
  ],
];

suite('JSON where plain text was asked for', () => {
  for (const [query, answer, text] of cases)
    test(query, () => assert.equal(read(query.replaceAll('\\"', '"'), answer), `${text}\n`));

  test('is told by nothing where there is nothing', () => {
    for (const [query, answer] of [
      ['[0].name', []],
      ['functionKeys.default', {}],
      ['[].name', {}],
      ['user.name', { user: null }],
    ] as const)
      assert.equal(read(query, answer), '', query);
  });

  test('may be what the query gives', () => {
    assert.equal(read('[].name', ['a', 'b']), 'a\nb\n');
    assert.equal(read('[].[type, name]', [['T', 'n']]), 'T\tn\n');
    assert.equal(read('id', '1'), '1\n');
  });

  test('is known for every query of the scripts', () => {
    const scripts = readdirSync(folder).filter((file) => file.endsWith('.sh'));
    const source = scripts.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    const queries = [...source.matchAll(/--query ('[^']+'|"(?:\\"|[^"])+"|\S+)\s(?:\\\s+)?--output tsv/g)];
    assert.equal(queries.length, source.match(/--output tsv(?!')/g)?.length);
    const known = new Set(cases.map(([query]) => query));
    for (const [, query = ''] of queries) assert.ok(known.has(query.replace(/^(['"])(.*)\1$/, '$2')), query);
  });
});
