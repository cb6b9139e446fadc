// An hour of the simulator beside the same hour of the local stack, which runs it a hundred times as fast.
//
// What may differ: the real clocks tick later by what the machine and the storage take, which is multiplied by a hundred;
// a tenth of a second is ten. So the hour is made of levels that last for minutes, and what is compared is which levels
// there were, in which order, how long each lasted, and what they add up to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectStorage, createContainersAndQueue } from '@impasto/shared/azure';
import { type Emulator, startAzurite } from '@impasto/shared/testing/azurite';
import { type ScaleStep, simulate } from './simulation/simulate.ts';
import { runScaled } from './testing/scaled-stack.ts';
import { always, withoutChance } from './testing/simulation-settings.ts';

let emulator: Emulator;
before(async () => {
  emulator = await startAzurite();
});
after(() => emulator.stop());

const factor = 100;

const settings = withoutChance({
  // A worker may finish its job, so that it does not matter which one is stopped.
  worker: { jobSeconds: 120, coldStart: [always(90)], removal: always(0), shutdownSeconds: 3_600 },
  phases: { poll: 0, sync: 0 },
});

const at = (seconds: number, count: number) => Array.from({ length: count }, () => seconds);
const arrivals = [
  // Three workers come, do two jobs each, and go together after the cooldown.
  ...at(60, 6),
  // One comes for one, since nothing within 300 s has asked for more.
  ...at(1_200, 1),
  // Three come; then there is work for one, and two of them go 300 s later, the last after the cooldown.
  ...at(2_000, 3),
  ...Array.from({ length: 7 }, (_, index) => 2_260 + 130 * index),
];

/** What lasts for less is on the way from one level to another. */
const leastSeconds = 120;
/** By how much a level may last longer or less long: a bit more than a second of the real clock. */
const mostLateSeconds = 120;

interface Level {
  readonly replicas: number;
  /** Until the next level, and what is on the way to it. */
  readonly seconds: number;
}

function levelsOf(steps: readonly ScaleStep[]): Level[] {
  assert.equal(steps.at(-1)?.replicas, 0, 'somebody is left');
  const starts = steps
    .filter(({ atSeconds }, index) => {
      const next = steps[index + 1];
      return next === undefined || next.atSeconds - atSeconds >= leastSeconds;
    })
    .filter(({ replicas }, index, all) => replicas !== all[index - 1]?.replicas);
  return starts.map(({ atSeconds, replicas }, index) => ({
    replicas,
    seconds: (starts[index + 1]?.atSeconds ?? atSeconds) - atSeconds,
  }));
}

function replicaSecondsOf(steps: readonly ScaleStep[]): number {
  return steps.reduce((sum, { atSeconds, replicas }, index) => {
    return sum + replicas * ((steps[index + 1]?.atSeconds ?? atSeconds) - atSeconds);
  }, 0);
}

test('an hour of the simulator is an hour of the local stack', async () => {
  const storage = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(storage);
  const { queue } = connectStorage(storage);
  const simulated = simulate(arrivals, settings);
  const real = await runScaled({ queue, settings, arrivals, factor });

  const [expectedLevels, levels] = [levelsOf(simulated.steps), levelsOf(real.steps)];
  assert.deepEqual(
    expectedLevels.map(({ replicas }) => replicas),
    [3, 0, 1, 0, 3, 1, 0],
  );
  assert.deepEqual(
    levels.map(({ replicas }) => replicas),
    expectedLevels.map(({ replicas }) => replicas),
  );
  // What holds a level up is 60 s of cooldown or 300 s of stabilisation: another rule there is off by more than that.
  for (const [index, { replicas, seconds }] of levels.entries()) {
    const expected = expectedLevels[index]?.seconds ?? Number.NaN;
    assert.ok(
      Math.abs(seconds - expected) <= mostLateSeconds,
      `${replicas} workers for ${seconds} s beside ${expected} s`,
    );
  }
  assert.equal(simulated.jobs.length, arrivals.length);
  assert.equal(real.jobsDone, arrivals.length);
  // Each of some twenty looks that change something, cold starts and jobs in a row is late by some hundredths of a second.
  const [expected, measured] = [replicaSecondsOf(simulated.steps), replicaSecondsOf(real.steps)];
  assert.ok(
    Math.abs(measured - expected) <= 0.2 * expected,
    `${measured} beside ${expected} replica-seconds`,
  );
});
