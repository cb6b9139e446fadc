import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import type { Child, Exit } from './child.ts';
import { makeWorkerPool } from './worker-pool.ts';

interface FakeChild extends Child {
  readonly slot: number;
  asked: boolean;
  end(exit?: Partial<Exit>): Promise<unknown>;
}

let nowMs: number;
let spawned: FakeChild[];
let printed: string[];

beforeEach(() => {
  nowMs = 1_000_000;
  spawned = [];
  printed = [];
});

function spawn(slot: number): Child {
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  const child: FakeChild = {
    slot,
    asked: false,
    ready: Promise.resolve(),
    exited,
    kill: () => {},
    stop: async () => {
      child.asked = true;
      await exited;
    },
    end: (exit = {}) => {
      resolve({ code: 0, signal: null, lastWords: '', ...exit });
      return settled();
    },
  };
  spawned.push(child);
  return child;
}

const makePool = () =>
  makeWorkerPool({ slots: 3, spawn, print: (line) => printed.push(line), nowMs: () => nowMs });
const slots = () => spawned.map(({ slot }) => slot);

test('as many workers run as are asked for, and never more than there are slots', () => {
  const pool = makePool();
  pool.reconcile(2);
  pool.reconcile(2);
  assert.deepEqual(slots(), [1, 2]);
  pool.reconcile(9);
  assert.deepEqual(slots(), [1, 2, 3]);
});

test('fewer are reached by asking the last ones to stop, and their place is free once they are gone', async () => {
  const pool = makePool();
  pool.reconcile(3);
  pool.reconcile(1);
  assert.deepEqual(
    spawned.map(({ asked }) => asked),
    [false, true, true],
  );
  pool.reconcile(3);
  assert.equal(spawned.length, 3, 'both places are still taken');
  await spawned[2]?.end();
  pool.reconcile(3);
  assert.deepEqual(slots(), [1, 2, 3, 3]);
});

test('a worker that ends by itself after a while is replaced at once', async () => {
  const pool = makePool();
  pool.reconcile(1);
  nowMs += 10_000;
  await spawned[0]?.end();
  pool.reconcile(1);
  assert.deepEqual(slots(), [1, 1]);
});

test('a worker that crashes at the start is tried again after 1, 2, 4 and at most 30 s', async () => {
  const pool = makePool();
  const waits: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const before = nowMs;
    while (spawned.length === round) {
      pool.reconcile(1);
      if (spawned.length === round) nowMs += 500;
    }
    waits.push((nowMs - before) / 1_000);
    await spawned[round]?.end({ code: 1, lastWords: 'no model' });
  }
  assert.deepEqual(waits, [0, 1, 2, 4, 8, 16, 30]);
  assert.deepEqual(new Set(slots()), new Set([1]), 'no other slot steps in');
  assert.equal(printed.filter((line) => line.includes('no model')).length, 7, 'each end is told once');
});

test('a life that lasted ends the series of crashes', async () => {
  const pool = makePool();
  pool.reconcile(1);
  await spawned[0]?.end({ code: 1 });
  nowMs += 1_000;
  pool.reconcile(1);
  nowMs += 60_000;
  await spawned[1]?.end({ code: null, signal: 'SIGKILL' });
  pool.reconcile(1);
  assert.equal(spawned.length, 3);
  assert.match(printed.at(-2) ?? '', /worker 1 ended unasked \(signal SIGKILL\); started again at once/);
});

test('a stop waits for every worker, and nothing starts after it', async () => {
  const pool = makePool();
  pool.reconcile(2);
  const stopped = pool.stop();
  pool.reconcile(3);
  assert.equal(spawned.length, 2);
  await Promise.all(spawned.map((child) => child.end()));
  await stopped;
  assert.deepEqual(printed.slice(-2), ['worker 1 stopped', 'worker 2 stopped']);
});
