// From zero to zero: what wakes the worker, what lets it sleep, and how long it has to end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { environmentSchema as functionEnvironment } from '../../../azure-function/src/config.ts';
import { environmentSchema as workerEnvironment } from '../../../container-app/src/config.ts';
import {
  endsInTime,
  firstPhaseSleeps,
  hasNoIngress,
  hasOneRevision,
  probesAreInRange,
  profilesHaveNoCounts,
  queueWakesByIdentity,
  sleepsWhenIdle,
} from './scaling.ts';
import { catches, holds, readAzure, readAzureJson } from './testing.ts';

const rules = {
  sleepsWhenIdle,
  hasOneRevision,
  profilesHaveNoCounts,
  hasNoIngress,
  firstPhaseSleeps,
  queueWakesByIdentity,
  endsInTime,
  probesAreInRange,
};
const worker = 'modules/worker.bicep';

const mistakes: readonly [name: keyof typeof rules, file: string, right: string, wrong: string][] = [
  ['sleepsWhenIdle', worker, 'minReplicas: 0', 'minReplicas: 1'],
  ['hasOneRevision', worker, "'Single'", "'Multiple'"],
  [
    'profilesHaveNoCounts',
    'modules/environment.bicep',
    'profile.profileType }',
    'profile.profileType, minimumCount: 0 }',
  ],
  [
    'profilesHaveNoCounts',
    'modules/environment.bicep',
    'profile.profileType }',
    'profile.profileType, maximumCount: 3 }',
  ],
  [
    'hasNoIngress',
    worker,
    "activeRevisionsMode: 'Single'",
    "activeRevisionsMode: 'Single'\n      ingress: { external: true }",
  ],
  ['firstPhaseSleeps', worker, 'isReal ? [queueRule] : []', '[queueRule]'],
  ['firstPhaseSleeps', worker, "isReal ? profile.profileName : 'Consumption'", 'profile.profileName'],
  ['firstPhaseSleeps', worker, 'registries: isReal ?', 'registries: !isReal ?'],
  ['queueWakesByIdentity', worker, "queueLengthStrategy: 'all'", "queueLengthStrategy: 'visibleonly'"],
  ['queueWakesByIdentity', worker, "      queueLengthStrategy: 'all'\n", ''],
  ['queueWakesByIdentity', worker, '    identity: identities.scalerId\n', ''],
  ['queueWakesByIdentity', worker, '      accountName: storage.accountName\n', ''],
  ['queueWakesByIdentity', worker, "    type: 'azure-queue'\n", "    type: 'azure-queue'\n    auth: []\n"],
  ['endsInTime', worker, 'var shutdownSeconds = 40', 'var shutdownSeconds = 45'],
  ['endsInTime', worker, 'var graceSeconds = 60', 'var graceSeconds = 30'],
  ['probesAreInRange', worker, 'failureThreshold: 10', 'failureThreshold: 30'],
];

for (const [name, file, right, wrong] of mistakes) {
  test(`${name}, not: ${wrong.trim()}`, async () => {
    await holds(rules[name]);
    await catches(rules[name], { [file]: [right, wrong] });
  });
}

test('the last worker goes after 60 seconds where nobody said otherwise', () => {
  assert.match(readAzure('main.bicep'), /^param cooldownSeconds int = 60$/m);
});

// Sizes that were seen to run: a T4 with 16 GiB in azure-container-apps#1824 (its machine has 56), others as documented.
const sizes: Readonly<Record<string, readonly [cpu: number, GiB: number]>> = {
  'Consumption-GPU-NC8as-T4': [8, 16],
  'Consumption-GPU-NC24-A100': [24, 220],
  Consumption: [4, 8],
};
const profilesSchema = z.record(
  z.enum(['t4', 'a100', 'cpu']),
  z.strictObject({
    profileName: z.string(),
    profileType: z.string(),
    cpu: z.string(),
    memory: z.string(),
    memoryMiB: z.int(),
    executionProviders: z.string(),
    maxPixels: z.int(),
    coldStartSeconds: z.string(),
  }),
);

for (const [name, profile] of Object.entries(profilesSchema.parse(readAzureJson('worker-profiles.json')))) {
  test(`profile ${name} has a size that there is, and settings that the apps take`, () => {
    const [cpu, gibibytes] = sizes[profile.profileType] ?? [];
    assert.equal(profile.cpu, String(cpu));
    assert.equal(profile.memory, `${gibibytes}Gi`);
    assert.equal(profile.memoryMiB, Number(gibibytes) * 1024);
    workerEnvironment.parse({
      EXECUTION_PROVIDERS: profile.executionProviders,
      MEMORY_LIMIT_MB: String(profile.memoryMiB),
      ...(profile.maxPixels > 0 && { MAX_PIXELS: String(profile.maxPixels) }),
    });
    functionEnvironment.parse({ COLD_START_SECONDS: profile.coldStartSeconds });
  });
}
