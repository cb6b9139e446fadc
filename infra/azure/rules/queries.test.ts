// Queries of alerts and workbook against what the apps measure. A misspelt name would make an alert that never comes.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { queueName } from '@impasto/shared/azure';
import { z } from 'zod';
import { azureFolder, readAzure, readAzureJson } from './testing.ts';

const measured = [
  'impasto.queue.depth',
  'impasto.queue.oldest_age',
  'impasto.dead_letters.open',
  'impasto.poison_messages',
  'impasto.jobs.ended',
  'impasto.job.stage.duration',
  'impasto.job.duration',
  'impasto.job.wait',
  'impasto.submissions',
  'impasto.model.load.duration',
  'impasto.worker.info',
  'impasto.replicas',
  'impasto.cold_start.duration',
];

const workbookSchema = z.object({
  version: z.literal('Notebook/1.0'),
  fallbackResourceIds: z.tuple([z.literal('__WORKSPACE_ID__')]),
  items: z.array(z.object({ type: z.int(), name: z.string(), content: z.record(z.string(), z.unknown()) })),
});

const queryFiles = readdirSync(join(azureFolder, 'queries'));
const workbook = workbookSchema.parse(readAzureJson('workbook.json'));
const figures = workbook.items.filter(({ type }) => type === 3);

function metricNames(text: string): string[] {
  return [...text.matchAll(/impasto\.[a-z_.]+/g)].map(([name]) => name);
}

test('queries name only what is measured', () => {
  const texts = [...queryFiles.map((file) => readAzure(`queries/${file}`)), readAzure('workbook.json')];
  const unknown = texts.flatMap(metricNames).filter((name) => !measured.includes(name));
  assert.deepEqual(unknown, []);
});

test('every alert has its query and every query its alert', () => {
  const loaded = [
    ...readAzure('modules/alerts.bicep').matchAll(/loadTextContent\('\.\.\/queries\/([^']+)'\)/g),
  ];
  assert.deepEqual(loaded.map(([, file]) => file).sort(), queryFiles.sort());
});

test('a query gives the column that its alert looks at', () => {
  const rules = readAzure('modules/alerts.bicep').matchAll(/queries\/([^']+)'\)\s+column: '(\w+)'/g);
  const pairs = [...rules].map(([, file = '', column = '']) => ({ file, column }));
  assert.equal(pairs.length, queryFiles.length);
  for (const { file, column } of pairs)
    assert.match(readAzure(`queries/${file}`), new RegExp(`\\b${column} = `));
});

test('queries that look at one queue look at the one that wakes the worker', () => {
  const texts = queryFiles.map((file) => readAzure(`queries/${file}`));
  const queues = texts.flatMap((text) => [...text.matchAll(/Properties\.queue\) == '([^']+)'/g)]);
  assert.ok(queues.length > 0);
  assert.deepEqual(new Set(queues.map(([, name]) => name)), new Set([queueName]));
});

test('the workbook shows ten figures of the chosen time, each with a title', () => {
  assert.equal(figures.length, 10);
  assert.equal(workbook.items.filter(({ type }) => type === 9).length, 1);
  for (const [i, { content }] of figures.entries()) {
    assert.match(String(content.title), new RegExp(`^${i + 1}\\. `));
    assert.equal(content.timeContextFromParameter, 'TimeRange');
    assert.deepEqual(content.crossComponentResources, ['__WORKSPACE_ID__']);
  }
});
