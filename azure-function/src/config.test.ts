import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEnvironment } from '@impasto/shared';
import { environmentSchema } from './config.ts';

describe('the environment of the Function app', () => {
  it('has defaults for all but the storage', () => {
    const config = parseEnvironment(environmentSchema, { STORAGE_ACCOUNT_NAME: 'impasto' });
    assert.deepEqual(config.MODELS, [{ name: 'impasto-v1' }]);
    assert.equal(config.MAX_QUEUED, 1000);
    assert.deepEqual(config.COLD_START_SECONDS, { low: 30, high: 120 });
  });

  it('takes lists and ranges', () => {
    const config = parseEnvironment(environmentSchema, { MODELS: 'a@1.2.0, b', COLD_START_SECONDS: '2-10' });
    assert.deepEqual(config.MODELS, [{ name: 'a', version: '1.2.0' }, { name: 'b' }]);
    assert.deepEqual(config.COLD_START_SECONDS, { low: 2, high: 10 });
  });

  it('lists every problem in one message', () => {
    const wrong = {
      MAX_REPLICAS: '0',
      MAX_QUEUED: '0',
      MODELS: 'a@',
      LOG_LEVEL: 'loud',
      COLD_START_SECONDS: 'soon',
      STORAGE_ACCOUNT_NAME: 'No Account',
    };
    assert.throws(
      () => parseEnvironment(environmentSchema, wrong),
      (error: Error) => Object.keys(wrong).every((name) => error.message.includes(name)),
    );
  });

  it('takes secrets for webhooks, and shows none of them where one is wrong', () => {
    const secret = (letter: string) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`;
    const [good, other] = [secret('a'), secret('b')];
    const config = parseEnvironment(environmentSchema, { WEBHOOK_SECRETS: `${good}, ${other}` });
    assert.deepEqual(
      config.WEBHOOK_SECRETS?.map((key) => Buffer.from(key).toString()),
      ['a'.repeat(32), 'b'.repeat(32)],
    );
    assert.equal(parseEnvironment(environmentSchema, {}).WEBHOOK_SECRETS, undefined);
    const wrong = { WEBHOOK_SECRETS: `${good},whsec_Y2FuYXJ5`, WEBHOOK_ALLOW_LOOPBACK: 'yes' };
    assert.throws(
      () => parseEnvironment(environmentSchema, wrong),
      ({ message }: Error) =>
        /for WEBHOOK_SECRETS/.test(message) &&
        /WEBHOOK_ALLOW_LOOPBACK/.test(message) &&
        !/Y2FuYXJ5|YWFh/.test(message),
    );
  });
});
