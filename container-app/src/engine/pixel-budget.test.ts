// How the pixel budget follows from the memory.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pixelBudget } from './pixel-budget.ts';

const GiB = 1024 ** 3;

describe('pixelBudget', () => {
  it('grows with the memory and shrinks with the appetite of the model', () => {
    assert.ok(pixelBudget(3 * GiB, 380) > pixelBudget(2 * GiB, 380));
    assert.ok(pixelBudget(3 * GiB, 760) < pixelBudget(3 * GiB, 380));
  });

  it('never fills all the memory that is left beside the decoder', () => {
    const limit = 2 * GiB;
    assert.ok(pixelBudget(limit, 380) * 380 < limit - 900 * 1024 ** 2);
  });

  it('stays between the smallest useful picture and the largest result', () => {
    assert.equal(pixelBudget(0.5 * GiB, 380), 256 * 256);
    assert.equal(pixelBudget(100 * GiB, 380), 4096 * 4096);
  });
});
