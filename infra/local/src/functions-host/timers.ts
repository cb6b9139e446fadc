// Runs the functions with a timer trigger by their schedules, in UTC as the platform does. A schedule that came due
// while nobody ran is not made up for.
import { type Environment, type Logger, messageOf } from '@impasto/shared';
import { Cron } from 'croner';
import type { RegisteredFunction } from './functions-core.ts';
import { invokeTimer, timerTriggerOf } from './invoke.ts';
import type { FunctionApp } from './load-app.ts';
import { resolveSettings } from './settings.ts';

interface Timers {
  /** Starts no more runs and waits for those under way. Again does nothing more. */
  stop(): Promise<void>;
}

interface TimersOptions {
  readonly app: FunctionApp;
  readonly logger: Logger;
  /** For schedules of the form `%NAME%`. */
  readonly environment?: Environment;
}

/** A run that begins so much after its time is past due. */
const pastDueMs = 1_000;
/** What the platform gives as the last occurrence before there was one. */
const never = '0001-01-01T00:00:00.000Z';

/** @throws Error for a schedule that is no NCRONTAB expression. */
export function startTimers(options: TimersOptions): Timers {
  const environment = options.environment ?? process.env;
  const timers = options.app.functions
    .filter((one) => timerTriggerOf(one) !== undefined)
    .map((one) => ({ registered: one, cron: openSchedule(one, environment) }))
    // Started when each of them is known to be good.
    .map(({ registered, cron }) => startTimer(registered, cron, options));
  return {
    async stop() {
      await Promise.all(timers.map((timer) => timer.stop()));
    },
  };
}

function startTimer(registered: RegisteredFunction, cron: Cron, { app, logger }: TimersOptions): Timers {
  const { name } = registered.metadata;
  let last = never;
  let due = cron.nextRun();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    const startedAt = new Date();
    const isPastDue = due !== null && startedAt.getTime() - due.getTime() > pastDueMs;
    due = cron.nextRun();
    const next = due?.toISOString() ?? never;
    try {
      await invokeTimer(app, registered, { isPastDue, last, next, lastUpdated: last });
      logger.debug('timer', { function: name, durationMs: Date.now() - startedAt.getTime() });
    } catch (error) {
      logger.error('timer_threw', { function: name, error });
    }
    last = startedAt.toISOString();
    due = cron.nextRun();
  }

  // With `protect`, what comes due during a run is left out.
  cron.schedule(() => {
    running = run();
    return running;
  });
  if (timerTriggerOf(registered)?.runOnStartup === true) void cron.trigger();
  return {
    async stop() {
      cron.stop();
      await running;
    },
  };
}

/** Six fields with the seconds first, or five without; both the day of the month and that of the week must fit. */
function openSchedule(registered: RegisteredFunction, environment: Environment): Cron {
  const text = String(timerTriggerOf(registered)?.schedule);
  const schedule = resolveSettings(text, environment);
  try {
    return new Cron(schedule, {
      mode: '5-or-6-parts',
      domAndDow: true,
      timezone: 'UTC',
      protect: true,
    });
  } catch (error) {
    const { name } = registered.metadata;
    throw new Error(
      `Expected a schedule such as 0 */5 * * * *, for the timer function ${name}, received "${text}": ${messageOf(error)}`,
      { cause: error },
    );
  }
}
