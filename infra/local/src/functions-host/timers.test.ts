// Timer functions as the real library registers and runs them, by the real clock.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeLogger } from '@impasto/shared';
import { until } from '@impasto/shared/testing';
import type { slow as Slow, TimerRun } from '../testing/timer-app.ts';
import { type FunctionApp, loadApp } from './load-app.ts';
import { makeFunctionsServer } from './server.ts';
import { startTimers } from './timers.ts';

const logged: string[] = [];
const logger = makeLogger({ level: 'debug', write: (line) => logged.push(line) });
const environment = { TICK_SCHEDULE: '*/2 * * * * *' };

let app: FunctionApp;
let timers: ReturnType<typeof startTimers>;
let runs: readonly TimerRun[];
let slow: typeof Slow;

const runsOf = (name: string) => runs.filter((run) => run.name === name);

before(async () => {
  app = await loadApp(new URL('../testing/timer-app.ts', import.meta.url).href, logger);
  // Only now: what the library registers without a host is lost.
  ({ runs, slow } = await import('../testing/timer-app.ts'));
  timers = startTimers({ app, logger, environment });
});
after(() => timers.stop());

describe('a timer function', () => {
  it('runs by its schedule and is told of it as on the platform', async () => {
    const seen = await until(
      'three runs',
      () => runsOf('every-second').length >= 3 && runsOf('every-second'),
    );
    const [first, second] = seen;
    assert.ok(first && second);
    assert.equal(typeof first.timer.isPastDue, 'boolean');
    assert.equal(first.timer.schedule.adjustForDST, true);
    assert.match(first.timer.scheduleStatus.last, /^0001-/);
    assert.ok(Date.parse(first.timer.scheduleStatus.next) > first.startedAt - 1_000);
    const sinceLast = second.startedAt - Date.parse(second.timer.scheduleStatus.last);
    assert.ok(sinceLast >= 0 && sinceLast < 60_000, String(sinceLast));
    assert.deepEqual([runsOf('yearly').length, runsOf('at-start').length], [0, 1]);
  });

  it('may take its schedule from a setting', async () => {
    const [run] = await until('a run', () => runsOf('by-setting').length >= 1 && runsOf('by-setting'));
    assert.equal(new Date(run?.timer.scheduleStatus.next ?? '').getUTCSeconds() % 2, 0);
  });

  it('never overlaps itself', async () => {
    await until('two runs', () => slow.finished >= 2);
    assert.equal(slow.most, 1);
  });

  it('that throws is logged and runs again', async () => {
    await until('two runs', () => runsOf('throws').length >= 2);
    await until('two lines', () => logged.filter((line) => line.includes('timer_threw')).length >= 2);
    assert.ok(logged.some((line) => line.includes('the timer function failed')));
  });

  it('is waited for at the end, and runs no more', async () => {
    await until('a slow run', () => slow.now === 1);
    const finished = slow.finished;
    await timers.stop();
    assert.deepEqual([slow.now, slow.finished], [0, finished + 1]);
    const before = runs.length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(runs.length, before);
  });

  it('with a schedule that is none is refused at the start, by name', () => {
    assert.throws(() => startTimers({ app, logger, environment: { TICK_SCHEDULE: 'often' } }), {
      message:
        /^Expected a schedule such as .* for the timer function by-setting, received "%TICK_SCHEDULE%"/,
    });
  });
});

describe('functions with other triggers', () => {
  it('are known, not run, and mentioned in the log', () => {
    makeFunctionsServer({ app, logger, maxBodyBytes: 1 });
    const ignored = logged.filter((line) => line.includes('function_ignored'));
    assert.deepEqual([ignored.length, ignored[0]?.includes('hub-events')], [1, true]);
  });
});
