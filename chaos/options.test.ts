import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeRandom } from '../scripts/lib/random.ts';
import { planFaults } from './fault-plan.ts';
import { readOptions } from './options.ts';
import { roundsOf } from './run.ts';

function options(...args: string[]) {
  const read = readOptions(args);
  assert.ok(read);
  return read;
}

describe('the options of the chaos run', () => {
  it('have defaults for a run of minutes, with a seed of its own each', () => {
    const { jobs, kills, outages, sweeper, seed } = options();
    assert.deepEqual([jobs, kills, outages, sweeper], [150, 12, 3, true]);
    assert.notEqual(seed, options().seed);
  });

  it('say what is wrong with a value', () => {
    assert.throws(() => readOptions(['--jobs', 'many']), /--jobs, received "many"/);
    assert.throws(() => readOptions(['--fault-rate', '0.5']), /from 0 to 0.1 for --fault-rate/);
  });

  it('are shared out among rounds with nothing lost', () => {
    const rounds = roundsOf(options('--jobs', '2500', '--kills', '100', '--outages', '4'));
    const sum = (read: (round: (typeof rounds)[number]) => number) =>
      rounds.reduce((total, round) => total + read(round), 0);
    assert.equal(rounds.length, 3);
    assert.deepEqual(
      [sum(({ jobs }) => jobs), sum(({ kills }) => kills), sum(({ outages }) => outages)],
      [2500, 100, 4],
    );
  });
});

describe('the plan of faults', () => {
  it('is the same for the same seed, and spread over the jobs', () => {
    const plan = planFaults(options('--kills', '20'), makeRandom(3));
    assert.deepEqual(plan, planFaults(options('--kills', '20'), makeRandom(3)));
    const kills = plan.filter(({ kind }) => kind.includes('killed'));
    assert.equal(kills.length, 20);
    assert.ok(plan.every(({ atJob }, index) => atJob >= (plan[index - 1]?.atJob ?? 0) && atJob < 150));
  });

  it('loses no message where nothing looks after it', () => {
    const plan = planFaults(options('--no-sweeper'), makeRandom(3));
    assert.ok(plan.every(({ kind }) => kind !== 'message lost'));
  });
});
