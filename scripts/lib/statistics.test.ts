import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, medianOfEach, percentile } from './statistics.ts';

test('the median is the middle value, or between the two in the middle', () => {
  assert.equal(median([30, 10, 20]), 20);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([7]), 7);
});

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  assert.equal(percentile(values, 0.5), 100);
  assert.equal(percentile(values, 0.99), 198);
  assert.equal(percentile(values, 1), 200);
  assert.equal(percentile([5], 0), 5);
});

test('no values have neither median nor percentile', () => {
  assert.throws(() => median([]), RangeError);
  assert.throws(() => percentile([], 0.5), RangeError);
});

test('each field has a median of its own', () => {
  const stages = [{ decode: 1, queue: 9 }, { decode: 3 }, { decode: 2, queue: 5 }];
  assert.deepEqual(medianOfEach(stages), { decode: 2, queue: 7 });
});
