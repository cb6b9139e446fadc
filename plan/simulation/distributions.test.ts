import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRandom, type Random } from '../../scripts/lib/random.ts';
import { samplePoisson, sampleSpan, sampleSpread } from './distributions.ts';
import { makeEventQueue } from './event-queue.ts';

const draws = 20_000;

function samples(sample: (random: Random) => number): number[] {
  const random = makeRandom(5);
  return Array.from({ length: draws }, () => sample(random));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('a span stays within its bounds, around the mean of the three', () => {
  const seconds = samples((random) => sampleSpan({ low: 10, usual: 20, high: 60 }, random));
  assert.ok(seconds.every((one) => one >= 10 && one <= 60));
  // (10 + 20 + 60) / 3 = 30, a deviation of 10.8, of the mean of so many 0.08.
  assert.ok(Math.abs(mean(seconds) - 30) < 0.4);
});

test('a spread has a mean of one, and none is none', () => {
  assert.ok(Math.abs(mean(samples((random) => sampleSpread(0.5, random))) - 1) < 0.02);
  assert.equal(sampleSpread(0, makeRandom(5)), 1);
});

test('counts have the mean that was asked for, large ones, too', () => {
  assert.ok(Math.abs(mean(samples((random) => samplePoisson(0.3, random))) - 0.3) < 0.02);
  const large = makeRandom(5);
  const counts = Array.from({ length: 50 }, () => samplePoisson(1_200, large));
  // A deviation of 35, of the mean of 50 of them 5.
  assert.ok(Math.abs(mean(counts) - 1_200) < 25);
});

test('events happen in the order of their time, and of two at once the first that was put in', () => {
  const events = makeEventQueue();
  const happened: string[] = [];
  const note = (name: string) => () => void happened.push(`${name} at ${events.now()}`);
  const random = makeRandom(5);
  for (const at of random.shuffled([5, 3, 8, 1, 9, 2])) events.at(at, note('one'));
  events.at(8, note('later'));
  events.at(3, () => events.at(1, note('overdue')));
  while (events.next());
  assert.deepEqual(happened, [
    ...['one at 1', 'one at 2', 'one at 3', 'overdue at 3'],
    ...['one at 5', 'one at 8', 'later at 8', 'one at 9'],
  ]);
});
