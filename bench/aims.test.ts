import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aimsOf, isSteady } from './aims.ts';
import type { ColdFigures } from './cold-start.ts';
import type { WarmFigures } from './warm-job.ts';

const cold: ColdFigures = {
  longerSide: 1024,
  stackSeconds: 2.5,
  stackRuns: [2.5],
  workerSeconds: 3.1,
  workerRuns: [3.1],
  workerSteps: {},
};

const functionStart = { bundle: { readyMs: 550, healthMs: 600, jobMs: 700 } };

const warm: WarmFigures = {
  longerSide: 1024,
  width: 1024,
  height: 682,
  runs: 1,
  bareMs: 300,
  serviceMs: 360,
  bareFastestMs: 290,
  serviceFastestMs: 350,
  ratio: 1.2,
  ratioRange: [1.2, 1.2],
  bareStages: {},
  serviceStages: {},
};

test('an aim is met when what was measured is within its limit', () => {
  const met = aimsOf([warm], cold, functionStart).map((aim) => [aim.limit, aim.measured, aim.met]);
  assert.deepEqual(met, [
    [1.25, 1.2, true],
    [3, 3.1, false],
    [0.7, 0.6, true],
  ]);
});

test('nothing is said of an aim whose size was not measured', () => {
  assert.equal(aimsOf([{ ...warm, longerSide: 512 }], cold, functionStart).length, 2);
});

test('a machine is not steady when the usual run is much slower than the fastest', () => {
  assert.equal(isSteady([warm]), true);
  assert.equal(isSteady([warm, { ...warm, bareMs: 400 }]), false);
});
