import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEnvironment } from '@impasto/shared';
import { environmentSchema } from './config.ts';

describe('the environment of the Function app', () => {
  it('has defaults for all but the storage', () => {
    const config = parseEnvironment(environmentSchema, { STORAGE_ACCOUNT_NAME: 'impasto' });
    assert.deepEqual(config.MODELS, ['impasto-v1']);
    assert.equal(config.MAX_QUEUED, 1000);
    assert.deepEqual(config.COLD_START_SECONDS, { low: 30, high: 120 });
  });

  it('takes lists and ranges', () => {
    const config = parseEnvironment(environmentSchema, { MODELS: 'a, b', COLD_START_SECONDS: '2-10' });
    assert.deepEqual([config.MODELS, config.COLD_START_SECONDS], [['a', 'b'], { low: 2, high: 10 }]);
  });

  it('lists every problem in one message', () => {
    const wrong = {
      MAX_REPLICAS: '0',
      MAX_QUEUED: '0',
      LOG_LEVEL: 'loud',
      COLD_START_SECONDS: 'soon',
      STORAGE_ACCOUNT_NAME: 'No Account',
    };
    assert.throws(
      () => parseEnvironment(environmentSchema, wrong),
      (error: Error) => Object.keys(wrong).every((name) => error.message.includes(name)),
    );
  });
});
