import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { makeReceiverLanes, type ReceiverLanes } from './receiver-lanes.ts';

const other = 'https://other.example';

/** Calls to one receiver that last until they are released; how many of them were let in. */
function occupy(lanes: ReceiverLanes, origin: string, count: number) {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const runs = Array.from({ length: count }, () =>
    lanes.run(origin, () => {
      begun += 1;
      return gate.promise;
    }),
  );
  const release = () => {
    gate.resolve();
    return Promise.all(runs);
  };
  return { begun: () => begun, release };
}

const runsIn = async (lanes: ReceiverLanes, origin: string) => (await lanes.run(origin, async () => 1)).ran;

describe('the lanes of receivers', () => {
  it('let a stranger have four calls, and others theirs', async () => {
    const lanes = makeReceiverLanes();
    const calls = occupy(lanes, 'https://new.example', 6);
    assert.equal(calls.begun(), 4);
    assert.equal(await runsIn(lanes, other), true);
    const answers = await calls.release();
    assert.equal(answers.filter(({ ran }) => ran).length, 4);
    assert.ok(answers.every((one) => one.ran || one.comeBackInSeconds <= 2));
  });

  it('let one that is known to be quick have more', async () => {
    const lanes = makeReceiverLanes();
    await runsIn(lanes, other);
    const calls = occupy(lanes, other, 20);
    assert.equal(calls.begun(), 16);
    await calls.release();
  });

  it('keep places free of all whose manners are not known', async () => {
    const lanes = makeReceiverLanes();
    await runsIn(lanes, other);
    const strangers = Array.from({ length: 9 }, (_, n) => occupy(lanes, `https://stranger${n}.example`, 2));
    assert.deepEqual(
      strangers.map((one) => one.begun()),
      [...Array(8).fill(2), 0],
    );
    assert.equal(await runsIn(lanes, other), true);
    for (const one of strangers) await one.release();
  });

  it('know a slow one while its first calls still last, and let all slow ones have eight', async () => {
    const lanes = makeReceiverLanes({ quickSeconds: 0.02 });
    const slow = Array.from({ length: 6 }, (_, n) => `https://slow${n}.example`);
    const first = slow.map((origin) => occupy(lanes, origin, 1));
    await delay(60);
    const second = slow.map((origin) => occupy(lanes, origin, 1));
    assert.deepEqual(
      second.map((one) => one.begun()),
      [1, 1, 0, 0, 0, 0],
    );
    const next = await lanes.run(slow[5] ?? '', async () => 1);
    assert.ok(!next.ran && next.comeBackInSeconds >= 10 && next.comeBackInSeconds <= 20);
    assert.equal(await runsIn(lanes, other), true);
    for (const one of [...first, ...second]) await one.release();
  });

  it('give the places of calls that last to strangers, up to an end', async () => {
    const lanes = makeReceiverLanes({ quickSeconds: 0.02 });
    const hanging = (from: number) =>
      Array.from({ length: 4 }, (_, n) => occupy(lanes, `https://hanging${from + n}.example`, 4));
    const first = hanging(0);
    assert.equal(await runsIn(lanes, other), false);
    await delay(60);
    const second = hanging(4);
    assert.deepEqual(
      [...first, ...second].map((one) => one.begun()),
      [4, 4, 4, 4, 4, 4, 4, 0],
    );
    assert.equal(await runsIn(lanes, other), false);
    await first[0]?.release();
    await delay(60);
    assert.equal(await runsIn(lanes, other), true);
    for (const one of [...first, ...second]) await one.release();
  });

  it('count the hosts of one domain together', async () => {
    const lanes = makeReceiverLanes({ quickSeconds: 0.02 });
    const hosts = (from: number) =>
      Array.from({ length: 6 }, (_, n) => occupy(lanes, `https://h${from + n}.evil.example`, 1));
    const sum = (calls: readonly ReturnType<typeof occupy>[]) =>
      calls.reduce((begun, one) => begun + one.begun(), 0);
    const first = hosts(0);
    assert.equal(sum(first), 4);
    await delay(60);
    const second = hosts(6);
    assert.equal(sum(second), 4);
    await delay(60);
    const third = hosts(12);
    assert.equal(sum(third), 0);
    assert.equal(await runsIn(lanes, 'https://honest.example'), true);
    for (const one of [...first, ...second, ...third]) await one.release();
  });

  it('send the same one away for longer each time, up to a minute, never all for as long', async () => {
    const lanes = makeReceiverLanes();
    const calls = occupy(lanes, other, 4);
    const most: number[] = [];
    for (let sentAway = 0; sentAway < 8; sentAway += 1) {
      const runs = await Promise.all(
        Array.from({ length: 60 }, () => lanes.run(other, async () => 1, sentAway)),
      );
      const seconds = runs.map((run) => (run.ran ? 0 : run.comeBackInSeconds));
      most.push(Math.max(...seconds));
      assert.ok(Math.min(...seconds) >= Math.min(60, 2 ** (sentAway + 1)) / 2, `${Math.min(...seconds)}`);
      assert.ok(new Set(seconds).size > 1);
    }
    assert.ok(
      most.every((seconds, n) => seconds <= Math.min(60, 2 ** (n + 1))),
      String(most),
    );
    await calls.release();
  });

  it('trust a slow one again after two quick calls', async () => {
    const lanes = makeReceiverLanes({ quickSeconds: 0.02 });
    await lanes.run(other, () => delay(60));
    await runsIn(lanes, other);
    const calls = occupy(lanes, other, 20);
    assert.equal(calls.begun(), 4);
    await calls.release();
    const more = occupy(lanes, other, 20);
    assert.equal(more.begun(), 16);
    await more.release();
  });

  it('forget manners after ten minutes', async () => {
    let nowMs = 0;
    const lanes = makeReceiverLanes({ now: () => nowMs, quickSeconds: 0.01 });
    await lanes.run(other, () => delay(40));
    const slow = occupy(lanes, other, 3);
    assert.equal(slow.begun(), 2);
    await slow.release();
    await lanes.run(other, () => delay(40));
    nowMs = 601_000;
    const again = occupy(lanes, other, 6);
    assert.equal(again.begun(), 4);
    await again.release();
  });

  it('free a place when a call fails', async () => {
    const lanes = makeReceiverLanes();
    for (let count = 0; count < 6; count += 1)
      await assert.rejects(
        lanes.run(other, () => Promise.reject(new Error('broken'))),
        /broken/,
      );
    assert.equal(await runsIn(lanes, other), true);
  });
});
