// A Function app for the tests of the timers: it keeps what its functions saw.
import { app, type InvocationContext, type Timer } from '@azure/functions';

export interface TimerRun {
  readonly name: string;
  readonly timer: Timer;
  readonly startedAt: number;
}

export const runs: TimerRun[] = [];
/** Runs of `slow` under way, and the most there ever were. */
export const slow = { now: 0, most: 0, finished: 0 };

function note(timer: Timer, context: InvocationContext): void {
  runs.push({ name: context.functionName, timer, startedAt: Date.now() });
}

app.timer('every-second', { schedule: '* * * * * *', handler: note });

app.timer('by-setting', { schedule: '%TICK_SCHEDULE%', handler: note });

app.timer('yearly', { schedule: '0 0 0 1 1 *', handler: note });

app.timer('at-start', { schedule: '0 0 0 1 1 *', runOnStartup: true, handler: note });

app.timer('throws', {
  schedule: '* * * * * *',
  handler: (timer, context) => {
    note(timer, context);
    throw new Error('the timer function failed');
  },
});

app.timer('slow', {
  schedule: '* * * * * *',
  handler: async (timer, context) => {
    note(timer, context);
    slow.now += 1;
    slow.most = Math.max(slow.most, slow.now);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    slow.now -= 1;
    slow.finished += 1;
  },
});

app.eventHub('hub-events', { eventHubName: 'h', connection: 'c', handler: () => {} });
