import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SeenWorker, WorkerReport } from '@impasto/shared';
import { estimateWait, inWords, isCold } from './estimate-wait.ts';

function worker(report: Partial<WorkerReport>, ageSeconds = 1): SeenWorker {
  const idle = {
    workerId: 'w',
    state: 'ready',
    model: 'm',
    executionProvider: 'cpu',
    recentJobSeconds: [],
  } as const;
  return { report: { ...idle, ...report }, ageSeconds };
}

const assumedColdStart = { low: 30, high: 120 };
const few = { maxReplicas: 3, assumedColdStart };

describe('the estimated wait', () => {
  it('is the assumed cold start and a picture when nobody is there and nothing is known', () => {
    const estimate = estimateWait({ jobsAhead: 0, workers: [], ...few });
    assert.ok(estimate.low >= 30 && estimate.high >= 120, JSON.stringify(estimate));
    assert.equal(inWords({ low: 30, high: 120 }, true), '30-120 seconds for first request');
  });

  it('uses the cold starts and job times that were observed', () => {
    const seen = [worker({ state: 'stopped', coldStartSeconds: 3, recentJobSeconds: [1, 1, 2] }, 600)];
    const estimate = estimateWait({ jobsAhead: 0, workers: seen, ...few });
    assert.deepEqual(estimate, { low: 4, high: 8 });
    assert.equal(isCold(seen), true);
  });

  it('grows with the queue and shrinks with the workers', () => {
    const one = [worker({ recentJobSeconds: [2] })];
    const wait = (jobsAhead: number, workers: SeenWorker[]) =>
      estimateWait({ jobsAhead, workers, ...few }).high;
    assert.ok(wait(0, one) < wait(5, one));
    assert.ok(wait(5, [...one, ...one, ...one]) < wait(5, one));
  });

  it('does not count on workers that are silent, starting or stopped', () => {
    assert.equal(
      isCold([worker({}, 300), worker({ state: 'starting' }), worker({ state: 'stopped' })]),
      true,
    );
    assert.equal(isCold([worker({ state: 'busy' })]), false);
  });

  it('says one number where both ends are the same', () => {
    assert.equal(inWords({ low: 3, high: 3 }, false), '3 seconds');
  });
});
