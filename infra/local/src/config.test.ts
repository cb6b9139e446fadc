import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { readConfig } from './config.ts';

test('everything has a default', () => {
  assert.deepEqual(readConfig({}, 8), {
    port: 7071,
    dataDir: resolve('.impasto'),
    maxReplicas: 3,
    cooldownSeconds: 60,
    pollingSeconds: 1,
    syncSeconds: 1,
  });
});

test('there are never more workers than cores, and only an explicit wish is reported as cut', () => {
  assert.equal(readConfig({}, 2).maxReplicas, 2);
  assert.equal(readConfig({}, 2).cappedFrom, undefined);
  const asked = readConfig({ MAX_REPLICAS: '16' }, 2);
  assert.deepEqual([asked.maxReplicas, asked.cappedFrom], [2, 16]);
  assert.equal(readConfig({ MAX_REPLICAS: '2' }, 2).cappedFrom, undefined);
});

test('times may be fractions of a second', () => {
  const { cooldownSeconds, pollingSeconds } = readConfig({ COOLDOWN_SECONDS: '0', POLLING_SECONDS: '0.05' });
  assert.deepEqual([cooldownSeconds, pollingSeconds], [0, 0.05]);
});

test('both looks at the queue have the same pace unless the second is set', () => {
  assert.equal(readConfig({ POLLING_SECONDS: '15' }).syncSeconds, 15);
  assert.equal(readConfig({ POLLING_SECONDS: '15', SYNC_SECONDS: '0.5' }).syncSeconds, 0.5);
});

test('every problem is listed', () => {
  const wrong = {
    PORT: '70000',
    MAX_REPLICAS: '1.5',
    COOLDOWN_SECONDS: '-1',
    POLLING_SECONDS: '0',
    SYNC_SECONDS: '-1',
  };
  assert.throws(() => readConfig(wrong), {
    message: [
      'Expected number to be <=65535, for PORT, received "70000"',
      'Expected int, for MAX_REPLICAS, received "1.5"',
      'Expected number to be >=0, for COOLDOWN_SECONDS, received "-1"',
      'Expected number to be >0, for POLLING_SECONDS, received "0"',
      'Expected number to be >0, for SYNC_SECONDS, received "-1"',
    ].join('\n'),
  });
});

test("secrets for webhooks may be the user's own", () => {
  assert.equal(readConfig({ WEBHOOK_SECRETS: 'whsec_own' }).webhookSecrets, 'whsec_own');
});
