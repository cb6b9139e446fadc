import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRandom } from '../scripts/lib/random.ts';
import { burstArrivals, constantArrivals, dailyArrivals, traceArrivals } from './arrivals.ts';

const perMinute = (times: readonly number[], fromMinute: number, minutes: number) =>
  times.filter((at) => at >= 60 * fromMinute && at < 60 * (fromMinute + minutes)).length / minutes;

const isAscending = (times: readonly number[]) => times.every((at, index) => at >= (times[index - 1] ?? 0));

test('constant arrivals are as far apart as a day and its jobs make it', () => {
  // 86,400 s / 4 = 21,600 s.
  assert.deepEqual(constantArrivals({ jobsPerDay: 4, days: 1 }), [10_800, 32_400, 54_000, 75_600]);
});

test('a daily curve has as many jobs as a day should, the peak that was asked for, and quiet nights', () => {
  const days = 60;
  const times = dailyArrivals({ jobsPerDay: 5_000, days, peakPerMinute: 40 }, makeRandom(3));
  assert.ok(isAscending(times));
  // A Poisson number of 300,000 strays by 548 (sigma); five of them are 1 %.
  assert.ok(Math.abs(times.length / days - 5_000) < 50, `${times.length / days} a day`);
  const inDay = times.map((at) => at % 86_400).sort((a, b) => a - b);
  const busiest = perMinute(inDay, 20 * 60 - 1, 2) / days;
  assert.ok(Math.abs(busiest - 40) < 3, `${busiest} in the busiest minute`);
  assert.ok(perMinute(inDay, 8 * 60, 30) / days < 1.5);
});

test('a peak that is too sharp for the usual rush is a shorter rush, and the day keeps its jobs', () => {
  const days = 60;
  const times = dailyArrivals({ jobsPerDay: 1_000, days, peakPerMinute: 100 }, makeRandom(3));
  assert.ok(Math.abs(times.length / days - 1_000) < 25, `${times.length / days} a day`);
});

test('a peak that is no more than the mean makes a flat day', () => {
  const times = dailyArrivals({ jobsPerDay: 1_440, days: 60, peakPerMinute: 1 }, makeRandom(3));
  const inDay = times.map((at) => at % 86_400).sort((a, b) => a - b);
  for (const hour of [2, 8, 14, 20])
    assert.ok(Math.abs(perMinute(inDay, 60 * hour, 60) / 60 - 1) < 0.1, `${hour} h`);
});

test('bursts are crowds within a minute, half of all jobs', () => {
  const times = burstArrivals({ jobsPerDay: 2_000, days: 10, peakPerMinute: 100 }, makeRandom(3));
  assert.ok(isAscending(times));
  assert.ok(Math.abs(times.length - 20_000) < 600, `${times.length}`);
  const crowded = times.filter((at, index) => (times[index + 30] ?? Number.POSITIVE_INFINITY) - at < 60);
  assert.ok(crowded.length > 5_000 && crowded.length < 10_000, `${crowded.length} in crowds`);
});

test('a trace has a time stamp a line, of either kind, in any order', () => {
  const text = '2026-11-01T00:00:10Z,completed\n\n"2026-11-01T00:00:00Z"\r\n2026-11-01T00:01:00.5Z\n';
  assert.deepEqual(traceArrivals(text, 'trace.csv'), [0, 10, 60.5]);
  assert.deepEqual(traceArrivals('100\n90.5\n', 'trace.csv'), [0, 9.5]);
  // 00:30 in UTC, in two zones and without one.
  const zones = '2026-11-01 00:30\n2026-11-01T01:30:00+01:00\n2026-10-31T19:30:00-0500\n2026-11-01\n';
  assert.deepEqual(traceArrivals(zones, 'trace.csv'), [0, 1_800, 1_800, 1_800]);
});

test('a line that is no time stamp is named', () => {
  assert.throws(() => traceArrivals('5\n\nsoon\n', 'trace.csv'), {
    message: 'Expected an ISO date or seconds, for line 3 of trace.csv, received "soon"',
  });
  // What a lenient reader takes for a date of 2001, for one of the year -5, and milliseconds.
  for (const line of ['arrival 7', '-5', '1767225600000', '2026-13-01'])
    assert.throws(() => traceArrivals(`5\n${line}\n`, 'trace.csv'), {
      message: `Expected an ISO date or seconds, for line 2 of trace.csv, received "${line}"`,
    });
  assert.throws(() => traceArrivals('5\n2026-11-01\n', 'trace.csv'), {
    message: /^Expected time stamps of one kind within 366 days, for trace\.csv, received \d+ days$/,
  });
  assert.throws(() => traceArrivals('\n', 'trace.csv'), {
    message: 'Expected at least one time stamp, for trace.csv, received an empty file',
  });
});
