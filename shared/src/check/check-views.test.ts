import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from '../job.ts';
import { someJob, someResult } from '../testing/fixtures.ts';
import { checkViews } from './check-views.ts';
import type { JobView } from './report.ts';

const completedAt = '2026-01-02T03:04:06.000Z';
const completed = (replays: number): Job => ({
  ...someJob(),
  ...{
    status: 'completed',
    attempt: 1,
    progress: 1,
    phase: 'done',
    completedAt,
    result: someResult,
    replays,
  },
});
const view = (status: string, attempt: number): JobView => ({
  ...{ status, attempt, done: status === 'failed', progress: 0, phase: 'queued' },
});

describe('what a caller saw', () => {
  it('may leave out that a job failed and was replayed', () => {
    assert.deepEqual(checkViews(completed(1), [view('queued', 1)]), []);
    assert.deepEqual(checkViews(completed(1), [view('queued', 3), view('queued', 0)]), []);
    assert.deepEqual(checkViews(completed(1), [view('failed', 1)]), []);
  });

  it('is held against the number of replays', () => {
    assert.equal(checkViews(completed(0), [view('queued', 1)]).length, 1);
    assert.equal(checkViews(completed(1), [view('queued', 3), view('queued', 1)]).length, 1);
    assert.equal(
      checkViews(completed(1), [view('failed', 1), view('failed', 2), view('queued', 0)]).length,
      1,
    );
  });
});
