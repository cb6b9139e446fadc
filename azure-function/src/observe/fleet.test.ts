import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeFleet } from './fleet.ts';
import { type Observation, summarise } from './observation.ts';

const observation = (poisonMessages: number): Observation =>
  summarise({
    ...{ jobs: [], letters: [], workers: [], depth: { jobs: 0, webhooks: 0 }, truncated: false },
    poisonMessages,
  });

function setUp(look?: () => Promise<Observation>) {
  let nowMs = 0;
  let looks = 0;
  const count = async () => {
    looks += 1;
    return (await look?.()) ?? observation(looks);
  };
  const fleet = makeFleet(count, () => nowMs);
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  const poison = async () => (await fleet.fresh()).poisonMessages;
  return { fleet, pass, poison, looks: () => looks };
}

describe('the last look at the whole service', () => {
  it('is good for 15 seconds, then somebody looks again', async () => {
    const { pass, poison, looks } = setUp();
    assert.equal(await poison(), 1);
    pass(14.9);
    assert.equal(await poison(), 1);
    pass(0.2);
    assert.deepEqual([await poison(), looks()], [2, 2]);
  });

  it('is taken once for all who ask at the same time', async () => {
    const { promise, resolve } = Promise.withResolvers<Observation>();
    const { fleet, looks } = setUp(() => promise);
    const all = Array.from({ length: 20 }, () => fleet.fresh());
    resolve(observation(7));
    assert.deepEqual(new Set((await Promise.all(all)).map((one) => one.poisonMessages)), new Set([7]));
    assert.equal(looks(), 1);
  });

  it('need not be taken where a sweep has just looked', async () => {
    const { fleet, poison, looks } = setUp();
    fleet.seen(observation(99));
    assert.deepEqual([await poison(), looks()], [99, 0]);
  });

  it('is withdrawn after three minutes', () => {
    const { fleet, pass } = setUp();
    assert.equal(fleet.current(), undefined);
    fleet.seen(observation(5));
    pass(179);
    assert.equal(fleet.current()?.poisonMessages, 5);
    pass(2);
    assert.equal(fleet.current(), undefined);
  });

  it('is tried again after one that failed', async () => {
    let fails = true;
    const { fleet } = setUp(async () => {
      if (fails) throw new Error('down');
      return observation(3);
    });
    await assert.rejects(fleet.fresh(), /down/);
    fails = false;
    assert.equal((await fleet.fresh()).poisonMessages, 3);
  });
});
