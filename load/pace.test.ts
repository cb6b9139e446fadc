// Load at a pace of its own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atPace } from './pace.ts';

const { signal } = new AbortController();

describe('load at a pace', () => {
  it('goes on while earlier calls are not answered', async () => {
    const answer = Promise.withResolvers<void>();
    const started: number[] = [];
    const paced = atPace({ perSecond: 200, seconds: 0.05, signal }, async (index) => {
      started.push(index);
      if (index === 9) answer.resolve();
      await answer.promise;
      return index;
    });
    assert.deepEqual(await paced, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(started, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('tells each call when it was due, however late it is', async () => {
    const dues = await atPace({ perSecond: 100, seconds: 0.05, signal }, async (_, dueMs) => dueMs);
    const gaps = dues.slice(1).map((due, index) => Math.round(due - (dues[index] ?? 0)));
    assert.deepEqual(gaps, [10, 10, 10, 10]);
  });

  it('ends when it is told to', async () => {
    const stopping = new AbortController();
    const paced = atPace({ perSecond: 100, seconds: 60, signal: stopping.signal }, async (index) => {
      if (index === 2) stopping.abort(new Error('enough'));
    });
    await assert.rejects(paced);
  });
});
