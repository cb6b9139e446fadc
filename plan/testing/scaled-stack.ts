// The local stack as far as scaling goes, with time running faster: the real autoscaler and its real pool on a real queue,
// and workers that take as long as they are told to.
import { setTimeout as delay } from 'node:timers/promises';
import type { JobQueue } from '@impasto/shared';
import { runAutoscaler } from '../../infra/local/src/autoscaler.ts';
import type { Child } from '../../infra/local/src/child.ts';
import { makeWorkerPool } from '../../infra/local/src/worker-pool.ts';
import type { ScaleStep, SimulationSettings } from '../simulation/simulate.ts';

export interface ScaledRun {
  readonly jobsDone: number;
  /** In seconds of the simulation since the start. */
  readonly steps: readonly ScaleStep[];
  readonly endedAt: number;
}

interface ScaledOptions {
  readonly queue: JobQueue;
  readonly settings: SimulationSettings;
  /** Seconds of the simulation since the start, ascending. */
  readonly arrivals: readonly number[];
  /** How many seconds of the simulation go by within a real one. */
  readonly factor: number;
}

/** Runs until all jobs are done and no worker is asked for. */
export async function runScaled({ queue, settings, arrivals, factor }: ScaledOptions): Promise<ScaledRun> {
  const { worker, scale } = settings;
  const coldSeconds = worker.coldStart.reduce((sum, { usual }) => sum + usual, 0);
  const startedMs = performance.now();
  const now = () => ((performance.now() - startedMs) / 1_000) * factor;
  const wait = (seconds: number, signal?: AbortSignal) =>
    delay((1_000 * seconds) / factor, undefined, { signal }).catch(() => {});
  const steps: ScaleStep[] = [];
  const stopped = new AbortController();
  let jobsDone = 0;

  const work = async (stop: AbortSignal) => {
    await wait(coldSeconds, stop);
    while (!stop.aborted) {
      const message = await queue.receive(60);
      if (!message) await wait(1, stop);
      else {
        await wait(worker.jobSeconds);
        await message.remove();
        jobsDone += 1;
      }
    }
  };
  const pool = makeWorkerPool({ slots: scale.maxReplicas, spawn: () => fakeChild(work), print: () => {} });
  const reconcile = (replicas: number) => {
    if ((steps.at(-1)?.replicas ?? 0) !== replicas) steps.push({ atSeconds: now(), replicas });
    pool.reconcile(replicas);
    if (jobsDone === arrivals.length && replicas === 0) stopped.abort();
  };
  const scaled = {
    ...scale,
    cooldownSeconds: scale.cooldownSeconds / factor,
    stabilisationSeconds: scale.stabilisationSeconds / factor,
    pollingSeconds: settings.pollingSeconds / factor,
    syncSeconds: settings.syncSeconds / factor,
  };
  const running = runAutoscaler(
    { queue, pool: { reconcile }, settings: scaled, print: () => {} },
    stopped.signal,
  );
  for (const at of arrivals) {
    await wait(Math.max(0, at - now()));
    await queue.send('{}');
  }
  await running;
  await pool.stop();
  return { jobsDone, steps, endedAt: now() };
}

/** A worker in this process, which ends when it is told to and its job is done. */
function fakeChild(work: (stop: AbortSignal) => Promise<void>): Child {
  const stop = new AbortController();
  const exited = work(stop.signal).then(() => ({ code: 0, signal: null, lastWords: '' }));
  return {
    ready: Promise.resolve(),
    exited,
    stop: async () => {
      stop.abort();
      await exited;
    },
    kill: () => stop.abort(),
  };
}
