import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeLargeBodyQueue, nextTurn } from './large-bodies.ts';

const large = String(50_000_000);

describe('large bodies', () => {
  it('are worked on two at a time, in the order in which they came', async () => {
    const inTurn = makeLargeBodyQueue();
    const begun: number[] = [];
    const finish: (() => void)[] = [];
    const works = [0, 1, 2, 3].map((index) =>
      inTurn(index === 3 ? null : large, () => {
        begun.push(index);
        return new Promise<void>((resolve) => finish.push(resolve));
      }),
    );
    await nextTurn();
    assert.deepEqual(begun, [0, 1]);
    assert.equal(await inTurn('1000', async () => 'small'), 'small');
    finish[0]?.();
    await works[0];
    await nextTurn();
    assert.deepEqual(begun, [0, 1, 2]);
    for (const index of [1, 2, 3]) {
      finish[index]?.();
      await works[index];
      await nextTurn();
    }
    assert.deepEqual(begun, [0, 1, 2, 3]);
  });

  it('give their place to the next one when they are refused', async () => {
    const inTurn = makeLargeBodyQueue();
    const refused = () => inTurn(large, () => Promise.reject(new Error('refused')));
    const outcomes = await Promise.allSettled([
      refused(),
      refused(),
      refused(),
      inTurn(large, async () => 'taken'),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected', 'fulfilled'],
    );
  });
});

describe('a turn of the event loop', () => {
  it('is had by one at a time, and lets others in between', async () => {
    const seen: string[] = [];
    const interval = () => setImmediate(() => seen.push('other'));
    await Promise.all(
      ['a', 'b'].map(async (name) => {
        await nextTurn();
        seen.push(name);
        interval();
      }),
    );
    await nextTurn();
    assert.deepEqual(seen.slice(0, 3), ['a', 'other', 'b']);
  });
});
