import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeaseLost, type ReceivedMessage, silentLogger } from '@impasto/shared';
import { until } from '@impasto/shared/testing';
import { holdLease } from './lease.ts';

/** A third of it is no whole number of milliseconds. */
const leaseSeconds = 0.1;

function makeMessage(renew: () => Promise<void> = async () => {}) {
  const calls: string[] = [];
  const message: ReceivedMessage = {
    text: '',
    deliveries: 1,
    ageSeconds: 0,
    async setVisibility(seconds) {
      calls.push(`visible ${seconds}`);
      await renew();
    },
    async remove() {
      calls.push('remove');
    },
  };
  return { message, calls };
}

describe('a lease', () => {
  it('renews message and record again and again until it is acknowledged', async () => {
    const { message, calls } = makeMessage();
    let beats = 0;
    const heartbeat = async () => {
      beats += 1;
      return true;
    };
    const lease = holdLease(message, { leaseSeconds, heartbeat, log: silentLogger });
    await until('three renewals', () => beats >= 3);
    await lease.acknowledge();
    const after = calls.length;
    assert.equal(calls.at(-1), 'remove');
    assert.ok(calls.filter((call) => call === `visible ${leaseSeconds}`).length >= 3);
    assert.equal(lease.lost.aborted, false);
    await lease.stop();
    assert.equal(calls.length, after);
  });

  it('is lost when the record names another owner', async () => {
    const { message } = makeMessage();
    const lease = holdLease(message, { leaseSeconds, heartbeat: async () => false, log: silentLogger });
    await until('the loss', () => lease.lost.aborted);
    assert.ok(lease.lost.reason instanceof LeaseLost);
    await lease.stop();
  });

  it('is not lost because a renewal failed: the record decides', async () => {
    let renewals = 0;
    const { message } = makeMessage(async () => {
      renewals += 1;
      throw renewals === 1 ? new Error('timeout') : new LeaseLost('another receiver');
    });
    let beats = 0;
    const heartbeat = async () => {
      beats += 1;
      return true;
    };
    const lease = holdLease(message, { leaseSeconds, heartbeat, log: silentLogger });
    await until('five heartbeats', () => beats >= 5);
    assert.equal(lease.lost.aborted, false);
    assert.equal(renewals, 2, 'a message that went to somebody else is not asked for again');
    await lease.stop();
  });

  it('survives a heartbeat that cannot be written', async () => {
    const { message } = makeMessage();
    let beats = 0;
    const heartbeat = async () => {
      beats += 1;
      throw new Error('storage down');
    };
    const lease = holdLease(message, { leaseSeconds, heartbeat, log: silentLogger });
    await until('three heartbeats', () => beats >= 3);
    assert.equal(lease.lost.aborted, false);
    await lease.release(0);
  });

  it('waits with its last word for a renewal that is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { message, calls } = makeMessage(() => promise);
    const lease = holdLease(message, { leaseSeconds, heartbeat: async () => true, log: silentLogger });
    await until('a renewal', () => calls.length === 1);
    const acknowledged = lease.acknowledge();
    assert.deepEqual(calls, [`visible ${leaseSeconds}`]);
    resolve();
    await acknowledged;
    assert.equal(calls.at(-1), 'remove');
  });
});
