import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options.ts';

test('everything has a default', () => {
  assert.deepEqual(readOptions([]), {
    jobsPerDay: 1_000,
    arrivals: 'daily',
    days: 30,
    profiles: ['t4'],
    maxReplicas: 3,
    queueLength: 1,
    cooldownSeconds: 60,
    pollingSeconds: 15,
    side: 1_024,
    maxQueued: 1_000,
    seed: 1,
    p95Seconds: 60,
    compare: false,
    idle: false,
  });
});

test('all profiles are there to be compared', () => {
  const options = readOptions(['--profile', 'all']);
  assert.deepEqual([options?.profiles, options?.compare], [['t4', 'a100', 'cpu'], true]);
});

test('a file of recorded arrivals says of what kind they are', () => {
  assert.equal(readOptions(['--trace', 'trace.csv'])?.arrivals, 'trace');
});

test('the more jobs a day, the fewer days, unless they are asked for', () => {
  const days = (line: string) => readOptions(line.split(' '))?.days;
  assert.deepEqual(
    ['--jobs-per-day 50000', '--jobs-per-day 200000', '--jobs-per-day 1000000', '--days 90'].map(days),
    [30, 7, 1, 90],
  );
});

test('help is no run', () => {
  assert.equal(readOptions(['--help']), undefined);
});

const wrong: Readonly<Record<string, string>> = {
  '--jobs-per-day many': 'Expected a number from 1 to 1000000 for --jobs-per-day, received "many"',
  '--max-replicas 1.5': 'Expected a whole number for --max-replicas, received "1.5"',
  '--profile h100': 'Expected one of cpu, t4, a100, all for --profile, received "h100"',
  '--arrivals waves': 'Expected one of daily, constant, burst, trace for --arrivals, received "waves"',
  '--arrivals trace': 'Expected --trace FILE with --arrivals trace, received none',
  '--arrivals burst': 'Expected --peak-per-minute N with --arrivals burst, received none',
  '--idle --chart plan.png':
    'Expected no --chart with --idle, which has nothing to draw, received "plan.png"',
  '--arrivals constant --peak-per-minute 40':
    'Expected no --peak-per-minute with --arrivals constant, which has no peak, received one',
  '--arrivals daily --trace trace.csv': 'Expected --arrivals trace, or none, with --trace, received "daily"',
  '--trace trace.csv --days 3': 'Expected no --days with --trace, which says it, received "3"',
  '--jobs-per-day 200000 --days 31': 'Expected at most 30 for --days with 200000 jobs a day, received "31"',
  '--chart plan.gif': 'Expected a file that ends in .svg or .png for --chart, received "plan.gif"',
  '--jobs-per-day 5000 --peak-per-minute 3':
    'Expected at least 3.48 for --peak-per-minute, as many as 5000 jobs a day make on average, received "3"',
};

for (const [line, message] of Object.entries(wrong))
  test(`${line} is refused in a sentence`, () => {
    assert.throws(() => readOptions(line.split(' ')), { message });
  });
