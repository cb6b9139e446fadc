import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { always, withoutChance } from '../testing/simulation-settings.ts';
import { type Simulation, simulate } from './simulate.ts';
import { replicaStates, sumOfStates } from './timeline.ts';

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

test('one job from zero', () => {
  const run = simulate([1], withoutChance());
  // Seen at 15, there from 15 + 10 = 25, done at 25 + 2 = 27. KEDA last sees it at 15, so that all is over at 75.
  assert.deepEqual(run.jobs, [{ arrivedAt: 1, startedAt: 25, doneAt: 27, handBacks: 0 }]);
  assert.deepEqual(run.steps, [
    { atSeconds: 15, replicas: 1 },
    { atSeconds: 75, replicas: 0 },
  ]);
  // Idle from 27 to 75, a second more until the replica is gone.
  assert.deepEqual(run.replicaSeconds, { cold: 10, busy: 2, idle: 48, leaving: 1 });
  assert.equal(run.coldStarts, 1);
  assert.equal(run.endedAt, 76);
  // KEDA: 0, 15, ... 75 are six. The HPA asks while somebody is there: 20, 35, 50, 65.
  assert.equal(run.scalerLooks, 10);
});

test('two jobs at once from zero: the second worker comes too late to be of use, and is paid for', () => {
  const run = simulate([1, 1], withoutChance());
  // KEDA brings one at 15, the HPA another at 20: 2/(1*1) = 2. The first does both, 25 to 27 to 29, the second is there at 30.
  assert.deepEqual(
    run.jobs.map(({ startedAt, doneAt }) => [startedAt, doneAt]),
    [
      [25, 27],
      [27, 29],
    ],
  );
  // Until 75, since the 2 that was asked for at 20 holds for 300 s: idle from 29 and from 30.
  assert.deepEqual(run.replicaSeconds, { cold: 20, busy: 4, idle: 46 + 45, leaving: 2 });
  assert.equal(run.coldStarts, 2);
});

test('a load that one worker bears is borne by one, and no job after the first few waits', () => {
  // Jobs at 8, 18, 28 ..., 4 s each. KEDA sees one at 15 (it waits), 30 (28 to 32), 60 (58 to 62): each 30 s.
  const arrivals = Array.from({ length: 100 }, (_, index) => 8 + 10 * index);
  const run = simulate(arrivals, withoutChance({ scale: { maxReplicas: 1 }, worker: { jobSeconds: 4 } }));
  assert.equal(run.coldStarts, 1);
  // There from 25: those of 8 and 18 are done at 29 and 33, that of 28 at 37, that of 38 at once.
  assert.deepEqual(
    run.jobs.slice(0, 4).map(({ doneAt }) => doneAt),
    [29, 33, 37, 42],
  );
  assert.ok(run.jobs.slice(3).every(({ arrivedAt, doneAt }) => doneAt === arrivedAt + 4));
  assert.equal(run.replicaSeconds.busy, 400);
});

test('a message that is there when the cooldown ends keeps the worker, one that comes a moment later finds nobody', () => {
  // The cooldown after the look at 15 ends with that at 75. Seen at 75, the worker stays until 135.
  const kept = simulate([1, 74.5], withoutChance());
  assert.equal(kept.jobs[1]?.doneAt, 76.5);
  assert.deepEqual([kept.coldStarts, kept.endedAt], [1, 136]);
  // Seen at 90, the next worker is there at 100.
  const late = simulate([1, 75.5], withoutChance());
  assert.equal(late.jobs[1]?.doneAt, 102);
  assert.equal(late.coldStarts, 2);
});

test('more than all workers can do waits in line', () => {
  const settings = withoutChance({ scale: { maxReplicas: 2 }, worker: { jobSeconds: 10 } });
  const run = simulate(
    Array.from({ length: 30 }, () => 1),
    settings,
  );
  // One from 25, the other from 30; 15 jobs each: 25 + 150 and 30 + 150.
  const done = run.jobs.map(({ doneAt = 0 }) => doneAt).sort((a, b) => a - b);
  assert.deepEqual(done.slice(-2), [175, 180]);
  assert.equal(run.replicaSeconds.busy, 300);
  assert.equal(run.coldStarts, 2);
});

test('until an idle worker looks into the queue it is idle, and only then busy', () => {
  // There from 25. Idle since 27, it pauses for up to 5 % of 33 s, at most a second, before the job of 60: done 2 s after it began.
  const run = simulate([1, 60], withoutChance({ worker: { pollSeconds: 1 } }));
  const { startedAt = Number.NaN, doneAt } = run.jobs[1] ?? {};
  assert.ok(startedAt > 60 && startedAt <= 61, `${startedAt}`);
  assert.equal(doneAt, startedAt + 2);
  // KEDA sees the job at 60, and the cooldown ends at 120: 25 to 120 without 4 s of work.
  close(run.replicaSeconds.busy, 4);
  close(run.replicaSeconds.idle, 120 - 25 - 4);
});

test('eight of ten seconds busy are 80 % of a worker', () => {
  // 100 jobs of 8 s, each 10 s, the first at 14. The worker is there at 25 and has caught up after six. The last comes at
  // 1,004 and is done at 1,012; KEDA sees it at 1,005, and all is over at 1,065.
  const arrivals = Array.from({ length: 100 }, (_, index) => 14 + 10 * index);
  const run = simulate(arrivals, withoutChance({ scale: { maxReplicas: 1 }, worker: { jobSeconds: 8 } }));
  assert.equal(run.jobs.at(-1)?.doneAt, 1_012);
  assert.deepEqual(run.replicaSeconds, { cold: 10, busy: 800, idle: 1_065 - 25 - 800, leaving: 1 });
});

test('a run that lasts longer than its jobs goes on looking at the queue, and shows that nothing happens', () => {
  // KEDA at 0, 15, ... 600; the HPA only while somebody is there: 20, 35, 50, 65.
  const run = simulate([1], withoutChance({ lastsSeconds: 600 }));
  assert.deepEqual([run.scalerLooks, run.stretches.length], [41 + 4, 10]);
  assert.equal(sumOfStates(run.replicaSeconds), 61);
});

test('who waits through a stretch in which nothing happens is seen waiting', () => {
  // Three at 1, one worker from 25, jobs of 150 s: 25, 175, 325. Stretches of a minute; the last begun at 300 ends at 360.
  const settings = withoutChance({ scale: { maxReplicas: 1 }, worker: { jobSeconds: 150 } });
  const most = simulate([1, 1, 1], settings).stretches.map(({ mostWaiting }) => mostWaiting);
  assert.deepEqual(most.slice(0, 7), [3, 2, 2, 1, 1, 1, 0]);
});

test('what the door turns away is counted and never done', () => {
  const run = simulate([1, 1, 1], withoutChance({ maxQueued: 2 }));
  assert.deepEqual([run.jobs.length, run.refused], [2, 1]);
});

// Three jobs of 401 s at 1: one worker from 25 to 426, two more (the HPA at 20) from 30 to 431. A fourth job comes at 424
// and is begun at 426. At 425 the HPA has seen 4 and wants 3; from 440 on it sees 1, and 3 holds up to 425 + 300 = 725.
const fewerOver = [1, 1, 1, 424];
const long = (more: { shutdownSeconds?: number } = {}) => ({ jobSeconds: 401, ...more });

test('fewer workers come 300 s after they would have been enough', () => {
  const { steps } = simulate(fewerOver, withoutChance({ worker: long() }));
  assert.deepEqual(steps.slice(0, 3), [
    { atSeconds: 15, replicas: 1 },
    { atSeconds: 20, replicas: 3 },
    { atSeconds: 740, replicas: 1 },
  ]);
});

test('a worker that is stopped with a job of more than its time hands it back, and another begins it anew', () => {
  const ends = new Set<string>();
  for (const seed of seeds) {
    const run = simulate(fewerOver, withoutChance({ worker: long(), seed }));
    const last = run.jobs[3];
    assert.equal(run.handBacks, last?.handBacks);
    ends.add(`${last?.handBacks} ${last?.doneAt}`);
  }
  // Spared, it ends at 426 + 401. Hit at 740, it is handed back at 740 + 40, and ends at 780 + 401.
  assert.deepEqual([...ends].sort(), ['0 827', '1 1181']);
});

test('a worker that is stopped finishes a job for which its time is long enough', () => {
  for (const seed of seeds) {
    const run = simulate(fewerOver, withoutChance({ worker: long({ shutdownSeconds: 90 }), seed }));
    assert.deepEqual([run.handBacks, run.jobs[3]?.doneAt], [0, 827]);
  }
});

const anyRun = fc.record({
  gaps: fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 60 }),
  seed: fc.nat(),
  maxReplicas: fc.integer({ min: 1, max: 6 }),
  queueLength: fc.integer({ min: 1, max: 3 }),
  cooldownSeconds: fc.integer({ min: 0, max: 400 }),
  jobSeconds: fc.double({ min: 0.1, max: 120, noNaN: true }),
  maxQueued: fc.integer({ min: 1, max: 50 }),
});

test('whatever happens no job is lost, and every second of every worker is of one state', () => {
  fc.assert(
    fc.property(anyRun, ({ gaps, seed, jobSeconds, maxQueued, ...scale }) => {
      // A worker that is stopped hands back and is gone at once: then the steps say how many are there.
      const worker = { jobSeconds, jobSpread: 0.4, shutdownSeconds: 0, removal: always(0), pollSeconds: 1 };
      const times = arrivalsFrom(gaps);
      const run = simulate(times, withoutChance({ scale, worker, seed, maxQueued }));
      assert.equal(run.jobs.length + run.refused, times.length);
      for (const { arrivedAt, startedAt = Number.NaN, doneAt = Number.NaN } of run.jobs)
        assert.ok(arrivedAt <= startedAt && startedAt < doneAt);
      close(sumOfStates(run.replicaSeconds), areaUnder(run));
      for (const state of replicaStates)
        close(
          run.replicaSeconds[state],
          run.stretches.reduce((sum, { replicaSeconds }) => sum + replicaSeconds[state], 0),
        );
    }),
    { numRuns: 200 },
  );
});

test('the same seed gives the same run, another one another', () => {
  const settings = (seed: number) => withoutChance({ seed, worker: { jobSpread: 0.5, pollSeconds: 1 } });
  const times = arrivalsFrom(Array.from({ length: 50 }, (_, index) => (index * 7) % 40));
  assert.deepEqual(simulate(times, settings(7)), simulate(times, settings(7)));
  assert.notDeepEqual(simulate(times, settings(7)).jobs, simulate(times, settings(8)).jobs);
});

function arrivalsFrom(gaps: readonly number[]): number[] {
  let at = 0;
  return gaps.map((gap) => {
    at += gap;
    return at;
  });
}

/** Replica-seconds that the steps make. */
function areaUnder({ steps, endedAt }: Simulation): number {
  return steps.reduce((sum, { atSeconds, replicas }, index) => {
    const until = steps[index + 1]?.atSeconds ?? endedAt;
    return sum + replicas * (until - atSeconds);
  }, 0);
}

function close(a: number, b: number): void {
  assert.ok(Math.abs(a - b) < 1e-6 * Math.max(1, a), `${a} and ${b}`);
}
