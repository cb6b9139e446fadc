import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchStatuses } from '../../../shared/src/batch-wire.ts';
import { tally } from './tally.ts';

const ended = ['completed', 'failed', 'canceled', 'expired'] as const;
const everyState = ['queued', 'processing', ...ended, 'gone'] as const;

function jobs(statuses: readonly string[]) {
  return statuses.map((status) => ({
    status,
    done: status !== 'queued' && status !== 'processing',
    progress: status === 'processing' ? 0.5 : 0,
  }));
}

/** Every set of these words, the empty one left out. */
function subsets<T>(words: readonly T[]): T[][] {
  const has = (set: number, place: number) => Math.floor(set / 2 ** place) % 2 === 1;
  const sets = Array.from({ length: 2 ** words.length }, (_, set) =>
    words.filter((_word, place) => has(set, place)),
  );
  return sets.slice(1);
}

describe('the status of a batch', () => {
  const rows = [
    [['queued', 'queued'], 'queued'],
    [['queued', 'gone'], 'queued'],
    [['queued', 'processing'], 'processing'],
    [['queued', 'completed'], 'processing'],
    [['queued', 'canceled'], 'processing'],
    [['completed', 'completed'], 'completed'],
    [['completed', 'gone'], 'completed'],
    [['completed', 'failed'], 'partially_completed'],
    [['completed', 'canceled'], 'partially_completed'],
    [['completed', 'expired', 'gone'], 'partially_completed'],
    [['failed', 'failed'], 'failed'],
    [['failed', 'canceled'], 'failed'],
    [['expired', 'canceled'], 'failed'],
    [['expired', 'gone'], 'failed'],
    [['canceled', 'canceled'], 'canceled'],
    [['canceled', 'gone'], 'canceled'],
  ] as const;
  for (const [statuses, expected] of rows) {
    it(`of ${statuses.join(' and ')} is ${expected}`, () =>
      assert.equal(tally(jobs(statuses)).status, expected));
  }

  it('is one of an end if and only if every job has ended, whatever the jobs are', () => {
    for (const statuses of subsets(everyState)) {
      const { status, done } = tally(jobs(statuses));
      const isOpen = statuses.includes('queued') || statuses.includes('processing');
      assert.equal(done, !isOpen, statuses.join());
      assert.equal(status === 'queued' || status === 'processing', isOpen, statuses.join());
      assert.ok(batchStatuses.includes(status));
    }
  });

  it('tells whether there are pictures, and whether some are missing', () => {
    for (const statuses of subsets(ended)) {
      const { status } = tally(jobs(statuses));
      const hasPictures = statuses.includes('completed');
      const isWhole = statuses.every((one) => one === 'completed');
      assert.equal(['completed', 'partially_completed'].includes(status), hasPictures, statuses.join());
      assert.equal(status === 'completed', isWhole, statuses.join());
    }
  });
});

describe('the counts of a batch', () => {
  it('are of all jobs but those that were removed, which are in the total', () => {
    const { counts } = tally(jobs([...everyState, 'queued', 'completed']));
    const expected = { queued: 2, processing: 1, completed: 2, failed: 1, canceled: 1, expired: 1 };
    assert.deepEqual(counts, { total: 9, ...expected });
  });
});

describe('the progress of a batch', () => {
  it('is the mean of its jobs, of which those that have ended have nothing more to do', () => {
    assert.equal(tally(jobs(['queued', 'processing'])).progress, 0.25);
    assert.equal(tally(jobs(['failed', 'completed', 'processing', 'queued', 'gone'])).progress, 0.625);
    assert.equal(tally(jobs(['failed', 'gone'])).progress, 1);
    assert.equal(tally(jobs(['gone'])).progress, 1);
  });
});
