// Looks at the queue on the two clocks of the rules, decides, tells the pool; again and again until stopped.
import { setTimeout as delay } from 'node:timers/promises';
import { initialScaleState, pollActivity, type ScaleSettings, syncReplicas } from '@impasto/scale';
import { type JobQueue, messageOf } from '@impasto/shared';
import type { WorkerPool } from './worker-pool.ts';

interface AutoscalerOptions {
  readonly queue: Pick<JobQueue, 'countMessages'>;
  readonly pool: Pick<WorkerPool, 'reconcile'>;
  readonly settings: ScaleSettings & {
    /** Between two looks whether anything is to be done at all. */
    readonly pollingSeconds: number;
    /** Between two looks how many workers that takes. */
    readonly syncSeconds: number;
  };
  readonly print: (line: string) => void;
}

/** Runs until the signal aborts; resolves then. When the queue cannot be read, the number of workers stays. */
export async function runAutoscaler(options: AutoscalerOptions, signal: AbortSignal): Promise<void> {
  const { pool, settings } = options;
  const look = makeLook(options, signal);
  const startMs = performance.now();
  // Where both are due, KEDA comes first: whoever it wakes is joined by others at the same look.
  const clocks = [
    makeClock(pollActivity, settings.pollingSeconds, startMs),
    makeClock(syncReplicas, settings.syncSeconds, startMs),
  ];
  let replicas = 0;
  let state = initialScaleState;
  while (!signal.aborted) {
    const count = await look();
    const nowMs = performance.now();
    for (const clock of clocks.filter(({ dueAtMs }) => dueAtMs <= nowMs)) {
      ({ replicas, state } = clock.decide({ count, current: replicas, nowMs, state, settings }));
      clock.rewind(nowMs);
    }
    if (!signal.aborted) pool.reconcile(replicas);
    await until(Math.min(...clocks.map(({ dueAtMs }) => dueAtMs)), signal);
  }
}

/** The count of messages, or undefined when it cannot be had, which is said once. */
function makeLook({ queue, print }: AutoscalerOptions, signal: AbortSignal) {
  let unreadable = false;
  return async () => {
    try {
      const count = await queue.countMessages({ signal });
      unreadable = false;
      return count;
    } catch (error) {
      if (!unreadable && !signal.aborted) print(`the queue cannot be read: ${messageOf(error)}`);
      unreadable = true;
      return undefined;
    }
  };
}

/** Ticks at a steady pace, the first time at once; a tick that comes too late puts off those after it. */
function makeClock(decide: typeof pollActivity, everySeconds: number, startMs: number) {
  const everyMs = everySeconds * 1_000;
  const clock = {
    decide,
    dueAtMs: startMs,
    rewind(nowMs: number) {
      clock.dueAtMs = clock.dueAtMs + everyMs > nowMs ? clock.dueAtMs + everyMs : nowMs + everyMs;
    },
  };
  return clock;
}

/** A timer may come up to a millisecond early, and then nothing would be due. */
async function until(dueAtMs: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = dueAtMs - performance.now(); leftMs > 0 && !signal.aborted; ) {
    await delay(Math.ceil(leftMs), undefined, { signal }).catch(() => {});
    leftMs = dueAtMs - performance.now();
  }
}
