// `npm run plan` reckons with what the templates deploy where nobody says otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { deployment } from '../../../plan/cost/deployment.ts';
import { readOptions } from '../../../plan/options.ts';
import stageTimes from '../../../plan/stage-times.json' with { type: 'json' };
import { readAzure, readAzureJson } from './testing.ts';

const main = readAzure('main.bicep');

/** The default of a parameter of main.bicep, as it is written. */
function defaultOf(name: string): string {
  const [, text] = new RegExp(`^param ${name} \\w+ = (.*)$`, 'm').exec(main) ?? [];
  return text ?? assert.fail(`Expected a default of ${name} in main.bicep`);
}

test('sizes of a replica are those of the profiles', () => {
  const profiles = z
    .record(z.string(), z.object({ cpu: z.string(), memoryMiB: z.number() }))
    .parse(readAzureJson('worker-profiles.json'));
  for (const [name, { replica }] of Object.entries(stageTimes.profiles)) {
    const { cpu, memoryMiB } = profiles[name] ?? assert.fail(`Expected a profile ${name}`);
    assert.deepEqual(
      [replica.vcpu, replica.memoryGib, replica.gpu],
      [Number(cpu), memoryMiB / 1024, name === 'cpu' ? 'none' : name],
    );
  }
});

test('scaling is planned as it is deployed', () => {
  const options = readOptions([]) ?? assert.fail('Expected options');
  const planned = {
    maxReplicas: options.maxReplicas,
    queueLength: options.queueLength,
    cooldownSeconds: options.cooldownSeconds,
    pollingIntervalSeconds: options.pollingSeconds,
    maxQueued: options.maxQueued,
  };
  for (const [name, value] of Object.entries(planned)) assert.equal(defaultOf(name), String(value), name);
});

test('what is paid for beside the workers is what is deployed', () => {
  const periods = [...readAzure('modules/alerts.bicep').matchAll(/every: '(PT\d+M)'/g)].map(([, one]) => one);
  assert.deepEqual(
    {
      functionMemoryMB: defaultOf('functionMemoryMB'),
      sweepSchedule: defaultOf('sweepSchedule'),
      retentionHours: defaultOf('retentionHours'),
      blobUndeleteDays: defaultOf('blobUndeleteDays'),
      alerts: periods.sort(),
    },
    {
      functionMemoryMB: String(deployment.functionMemoryGb * 1024),
      sweepSchedule: `'0 */${deployment.sweepSeconds / 60} * * * *'`,
      retentionHours: String(deployment.retentionDays * 24),
      blobUndeleteDays: String(deployment.undeleteDays),
      alerts: [
        ...Array<string>(deployment.alertRules15Minutes).fill('PT15M'),
        ...Array<string>(deployment.alertRules5Minutes).fill('PT5M'),
      ],
    },
  );
});
