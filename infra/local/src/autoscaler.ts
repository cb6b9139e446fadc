// Looks at the queue, decides, tells the pool; again and again until stopped.
import { setTimeout as delay } from 'node:timers/promises';
import { decideReplicas, initialScaleState, type ScaleSettings } from '@impasto/scale';
import { type JobQueue, messageOf } from '@impasto/shared';
import type { WorkerPool } from './worker-pool.ts';

interface AutoscalerOptions {
  readonly queue: Pick<JobQueue, 'countMessages'>;
  readonly pool: Pick<WorkerPool, 'reconcile'>;
  readonly settings: ScaleSettings & { readonly pollingSeconds: number };
  readonly print: (line: string) => void;
}

/** Runs until the signal aborts; resolves then. When the queue cannot be read, the number of workers stays. */
export async function runAutoscaler(options: AutoscalerOptions, signal: AbortSignal): Promise<void> {
  const { queue, pool, settings, print } = options;
  let replicas = 0;
  let state = initialScaleState;
  let unreadable = false;
  while (!signal.aborted) {
    try {
      const count = await queue.countMessages({ signal });
      ({ replicas, state } = decideReplicas({
        count,
        current: replicas,
        nowMs: Date.now(),
        state,
        settings,
      }));
      unreadable = false;
    } catch (error) {
      if (!unreadable && !signal.aborted) print(`the queue cannot be read: ${messageOf(error)}`);
      unreadable = true;
    }
    if (!signal.aborted) pool.reconcile(replicas);
    await delay(settings.pollingSeconds * 1_000, undefined, { signal }).catch(() => {});
  }
}
