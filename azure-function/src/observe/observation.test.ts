import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JobSummary, SeenWorker, WorkerReport } from '@impasto/shared';
import { type Seen, summarise } from './observation.ts';

const nothing: Seen = {
  ...{ jobs: [], letters: [], workers: [], depth: { jobs: 0, webhooks: 0 } },
  ...{ poisonMessages: 0, truncated: false },
};

const job = (status: JobSummary['status'], more: Partial<JobSummary> = {}): JobSummary => ({
  ...{ jobId: 'a', status, attempt: 0, replays: 0, ageSeconds: 5 },
  ...more,
});

function worker(report: Partial<WorkerReport>, ageSeconds = 1): SeenWorker {
  const usual = { workerId: 'a', state: 'ready', model: 'impasto-v1', executionProvider: 'cuda' } as const;
  return { report: { ...usual, recentJobSeconds: [], ...report }, ageSeconds };
}

describe('an observation', () => {
  it('of nothing has a zero for each status', () => {
    const { jobs, oldestQueuedSeconds, replicas, openLetters } = summarise(nothing);
    assert.deepEqual(
      jobs.map(({ status, count }) => [status, count]),
      [
        ...['queued', 'processing', 'completed', 'canceled', 'expired', 'failed'].map((status) => [
          status,
          0,
        ]),
      ],
    );
    assert.deepEqual([oldestQueuedSeconds, replicas, openLetters], [0, [], 0]);
  });

  it('counts each record once: failed ones by their code, notes of deleted ones not at all', () => {
    const { jobs } = summarise({
      ...nothing,
      jobs: [
        ...[job('queued'), job('completed'), job('completed'), job('gone')],
        ...[job('failed', { reason: 'model_failed' }), job('failed', { reason: 'model_failed' })],
        // Of a version that did not list its code.
        job('failed'),
      ],
    });
    assert.deepEqual(
      jobs.filter(({ count }) => count > 0),
      [
        { status: 'queued', count: 1 },
        { status: 'completed', count: 2 },
        { status: 'failed', reason: 'model_failed', count: 2 },
        { status: 'failed', reason: 'unknown', count: 1 },
      ],
    );
    assert.equal(
      jobs.reduce((sum, { count }) => sum + count, 0),
      6,
    );
  });

  it('has the age of the queued job that waits longest, whatever others do', () => {
    const jobs = [
      ...[job('queued', { ageSeconds: 3 }), job('queued', { ageSeconds: 90 })],
      job('processing', { ageSeconds: 500 }),
    ];
    assert.equal(summarise({ ...nothing, jobs }).oldestQueuedSeconds, 90);
  });

  it('counts open dead letters alone', () => {
    const letters = (['open', 'open', 'replayed', 'purged'] as const).map((state) => ({ state }));
    assert.equal(summarise({ ...nothing, letters }).openLetters, 2);
  });

  it('counts living workers by state and provider, with zeros where one of the day is gone', () => {
    const workers = [
      ...[worker({}), worker({ state: 'busy', workerId: 'b' })],
      worker({ executionProvider: 'cpu', workerId: 'c' }, 3_600),
    ];
    const { replicas } = summarise({ ...nothing, workers });
    assert.deepEqual(
      replicas.filter(({ count }) => count > 0),
      [
        { state: 'ready', executionProvider: 'cuda', count: 1 },
        { state: 'busy', executionProvider: 'cuda', count: 1 },
      ],
    );
    assert.ok(replicas.some(({ executionProvider, count }) => executionProvider === 'cpu' && count === 0));
  });

  it('has the loading time of each model as the worker seen last needed it', () => {
    const workers = [
      ...[worker({ modelLoadSeconds: 2 }), worker({ modelLoadSeconds: 9 }, 60)],
      ...[worker({ model: 'other', modelLoadSeconds: 7 }, 90), worker({ model: '', modelLoadSeconds: 1 })],
    ];
    assert.deepEqual(summarise({ ...nothing, workers }).modelLoads, [
      { model: 'impasto-v1', seconds: 2 },
      { model: 'other', seconds: 7 },
    ]);
  });
});
