import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceGetUserDelegationKeyResponse } from '@azure/storage-blob';
import { makeDelegationKey } from './delegation-key.ts';

const minute = 60_000;

/** A storage that lends keys, on a clock that the test sets. */
function setUp() {
  let now = Date.parse('2026-01-02T03:04:05Z');
  let refusal: Error | undefined;
  const asked: { from: Date; to: Date }[] = [];
  const service = {
    async getUserDelegationKey(from: unknown, to: unknown): Promise<ServiceGetUserDelegationKeyResponse> {
      assert.ok(from instanceof Date && to instanceof Date);
      asked.push({ from, to });
      await Promise.resolve();
      if (refusal) throw refusal;
      const key = { value: `key ${asked.length}`, signedStartsOn: from, signedExpiresOn: to };
      return key as unknown as ServiceGetUserDelegationKeyResponse;
    },
  };
  const keyFor = makeDelegationKey(service, () => now);
  return {
    asked,
    now: () => now,
    pass: (minutes: number) => {
      now += minutes * minute;
    },
    refuse: (error: Error | undefined) => {
      refusal = error;
    },
    ask: async () => (await keyFor(new Date(now + 30 * minute))).value,
  };
}

const forbidden = Object.assign(new Error('not you'), { statusCode: 403 });

describe('the key of an identity', () => {
  it('is asked for once by many, and holds from before now', async () => {
    const { ask, asked, now } = setUp();
    const keys = await Promise.all(Array.from({ length: 50 }, ask));
    assert.deepEqual([new Set(keys), asked.length], [new Set(['key 1']), 1]);
    assert.ok(asked[0] && asked[0].from.getTime() < now() - 10 * minute);
  });

  it('is renewed hours before its end, and nobody waits for that', async () => {
    const { ask, asked, pass } = setUp();
    await ask();
    pass(3 * 60);
    assert.deepEqual([await ask(), asked.length], ['key 1', 1]);
    pass(61);
    assert.deepEqual([await ask(), asked.length], ['key 1', 2]);
    assert.deepEqual([await ask(), asked.length], ['key 2', 2]);
  });

  it('goes on signing when it cannot be renewed, as long as it outlives what it signs', async () => {
    const { ask, pass, refuse } = setUp();
    await ask();
    refuse(forbidden);
    pass(5 * 60 + 29);
    assert.equal(await ask(), 'key 1');
    pass(2);
    await assert.rejects(ask(), { code: 'storage_unavailable' });
  });

  it('that is refused is an outage to all who asked, and is not asked for again at once', async () => {
    const { ask, asked, pass, refuse } = setUp();
    for (const error of [forbidden, Object.assign(new Error('bad'), { statusCode: 400 }), new Error('odd')]) {
      const before = asked.length;
      refuse(error);
      const outcomes = await Promise.allSettled([ask(), ask(), ask()]);
      for (const outcome of outcomes)
        assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'storage_unavailable');
      await assert.rejects(ask(), { code: 'storage_unavailable' });
      assert.equal(asked.length, before + 1);
      pass(1);
    }
    refuse(undefined);
    assert.match(await ask(), /^key/);
  });
});
