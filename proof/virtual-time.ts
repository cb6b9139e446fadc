// Time that a test moves by hand, for everything in this process at once: timers, dates, durations and time limits. An
// hour of the service passes in some milliseconds, and on a busy machine exactly as on an idle one.
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import { pause, type Time } from './time.ts';

const stepMs = 1000;
const beginning = Date.parse('2026-01-02T03:04:05.000Z');

/** Whatever awaits a timer inside goes on only while `run` lets time pass, a second at a time. */
export async function inVirtualTime<T>(run: (time: Time) => Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: beginning });
  // Named imports such as `delay` of node:timers/promises follow the module only when told to.
  syncBuiltinESMExports();
  mock.method(performance, 'now', () => Date.now() - beginning);
  mock.method(AbortSignal, 'timeout', timeLimit);
  try {
    return await run({ advance, until, pause });
  } finally {
    mock.restoreAll();
    mock.timers.reset();
    syncBuiltinESMExports();
  }
}

function timeLimit(ms: number): AbortSignal {
  const limit = new AbortController();
  const abort = () => limit.abort(new DOMException(`Expected an end within ${ms} ms`, 'TimeoutError'));
  setTimeout(abort, ms);
  return limit.signal;
}

async function advance(seconds: number): Promise<void> {
  await settle();
  for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
    mock.timers.tick(stepMs);
    await settle();
  }
}

async function until(what: string, ask: () => Promise<boolean> | boolean, seconds: number): Promise<void> {
  await settle();
  for (let ms = 0; !(await ask()); ms += stepMs) {
    if (ms >= seconds * 1000) throw new Error(`Expected ${what} within ${seconds} s of virtual time`);
    mock.timers.tick(stepMs);
    await settle();
  }
}

/** All that can go on without a timer has gone on. Some parts hand over to the loop themselves, hence more than once. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
