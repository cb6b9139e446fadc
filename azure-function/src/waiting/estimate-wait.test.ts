import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SeenWorker, WorkerReport } from '@impasto/shared';
import { comeBackSeconds, drainSeconds, estimateRest, estimateWait, inWords } from './estimate-wait.ts';

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
// Four jobs: from 4 / 1.125 = 3.56 s to 4 * (1.25 + 0.25) = 6 s each.
const alike = [4, 4, 4, 4];

describe('the estimated wait', () => {
  const wait = (workers: SeenWorker[], jobsAhead = 0, wokenSecondsAgo = 0) =>
    estimateWait({ jobsAhead, workers, wokenSecondsAgo, ...few });

  it('is the assumed cold start and a picture when nobody is there and nothing is known', () => {
    // 30 + 1, and 120 + 10 and a second until somebody notices.
    assert.deepEqual(wait([]), { low: 31, high: 131 });
  });

  it('is a picture when a worker is ready', () => {
    assert.deepEqual(wait([worker({ recentJobSeconds: alike })]), { low: 3, high: 7 });
  });

  it('uses the cold starts and job times that were observed, of workers that have left, too', () => {
    const left = worker({ state: 'stopped', coldStartSeconds: 20, recentJobSeconds: alike }, 600);
    // A single cold start: from 20 / 1.5 = 13.3 s to 20 * 2.25 = 45 s.
    assert.deepEqual(wait([left]), { low: 16, high: 52 });
  });

  it('is shorter by what has passed of a cold start, and never ends before it may', () => {
    const left = worker({ state: 'stopped', coldStartSeconds: 20, recentJobSeconds: alike }, 600);
    assert.deepEqual(wait([left], 0, 10), { low: 6, high: 42 });
    // It should have been there after 45 s: the longer it is late, the longer it may take.
    assert.deepEqual(wait([left], 0, 200), { low: 3, high: 107 });
    assert.deepEqual(wait([left], 0, 1e6), { low: 3, high: 607 });
  });

  it('counts on a worker that starts to be there when a cold start is over', () => {
    assert.deepEqual(wait([worker({ state: 'starting' })], 0, 5), { low: 26, high: 126 });
  });

  it('at best counts on a worker that is busy to be done, at worst to have just begun', () => {
    const busy = worker({ state: 'busy', recentJobSeconds: alike });
    assert.deepEqual(wait([busy], 1), { low: 3, high: 13 });
  });

  it('adds up the jobs ahead, whose times even out', () => {
    const ready = worker({ recentJobSeconds: alike });
    // 16 on one server: half way in from the ends, then a quarter: 4 - 0.44 / 4 and 4 + 2 / 4 each; at best two more
    // come up after 30 s, when 7 are done, and have 7 of the other 9 done between the three of them.
    const { low, high } = wait([ready], 15);
    assert.equal(high, 16 * 4.5 + 1);
    assert.ok(low > 30 && low < 45, `${low}`);
    assert.deepEqual(estimateWait({ jobsAhead: 15, workers: [ready], maxReplicas: 1, assumedColdStart }), {
      low: 62,
      high: 73,
    });
  });

  it('shares the jobs ahead among the workers', () => {
    const ready = worker({ recentJobSeconds: alike });
    // 12 on three servers are four each. Twelve were seen: one takes 3.84 to 5.33 s, each of four 3.92 to 4.67 s.
    assert.deepEqual(wait([ready, ready, ready], 11), { low: 15, high: 20 });
  });

  it('goes up to ten minutes where workers fail to come up', () => {
    assert.deepEqual(wait([worker({ state: 'unhealthy' }, 60)]), { low: 31, high: 600 });
  });
});

describe('the estimated rest of a job in work', () => {
  const rest = (progress: number, secondsSince: number) =>
    estimateRest({ progress, secondsSince, workers: [worker({ state: 'busy', recentJobSeconds: alike })] });

  it('is what is left of the usual time', () => {
    assert.deepEqual(rest(0, 0), { low: 3, high: 7 });
    assert.deepEqual(rest(0.5, 0), { low: 1, high: 4 });
    assert.deepEqual(rest(0.5, 1), { low: 0, high: 3 });
    assert.deepEqual(rest(1, 0), { low: 0, high: 1 });
  });

  it('is never over, however late the job is', () => {
    assert.deepEqual(rest(0, 30), { low: 0, high: 16 });
    assert.deepEqual(rest(1, 1e6), { low: 0, high: 601 });
  });
});

describe('the time after which to ask again', () => {
  it('is when the job may be done, 1 to 60 s', () => {
    assert.equal(comeBackSeconds({ low: 0, high: 2 }), 1);
    assert.equal(comeBackSeconds({ low: 3, high: 7 }), 3);
    assert.equal(comeBackSeconds({ low: 500, high: 900 }), 60);
  });

  it('grows with what is uncertain, so that a cold start takes few questions', () => {
    let asked = 0;
    // Nobody is there, and the job is done after 110 s.
    for (let at = 0; at < 110; asked += 1)
      at += comeBackSeconds(estimateWait({ jobsAhead: 0, workers: [], wokenSecondsAgo: at, ...few }));
    assert.ok(asked <= 12, `${asked}`);
  });

  it('is, for who is refused, when there is room at the usual pace', () => {
    const busy = worker({ state: 'busy', recentJobSeconds: [4, 4, 10] });
    assert.equal(drainSeconds(3, [busy, busy], assumedColdStart), 9);
    assert.equal(drainSeconds(1, [], assumedColdStart), 34);
    assert.equal(drainSeconds(1_000, [busy], assumedColdStart), 60);
  });
});

describe('the estimate in words', () => {
  it('says what it is made of', () => {
    assert.equal(inWords({ low: 30, high: 120 }, true), '30-120 seconds for first request');
    assert.equal(inWords({ low: 3, high: 3 }, false), '3 seconds');
    assert.equal(inWords({ low: 0, high: 2 }, false), '1-2 seconds');
  });
});
