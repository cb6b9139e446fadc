// A world without chance, in which everything can be worked out by hand: looks at 0, 15, 30 ... (KEDA) and at 5, 20,
// 35 ... (HPA), a cold start of 10 s, jobs of 2 s, a second until a replica is gone, a job found the moment it comes.
import { fixedScaleSettings, type ScaleSettings } from '@impasto/scale';
import type { WorkerSettings } from '../simulation/replica-pool.ts';
import type { SimulationSettings } from '../simulation/simulate.ts';

interface Changes extends Partial<Omit<SimulationSettings, 'scale' | 'worker'>> {
  readonly scale?: Partial<ScaleSettings>;
  readonly worker?: Partial<WorkerSettings>;
}

export const always = (seconds: number) => ({ low: seconds, usual: seconds, high: seconds });

export function withoutChance({ scale, worker, ...rest }: Changes = {}): SimulationSettings {
  return {
    scale: { ...fixedScaleSettings, maxReplicas: 3, queueLength: 1, cooldownSeconds: 60, ...scale },
    worker: {
      ...{ jobSeconds: 2, jobSpread: 0, coldStart: [always(10)], removal: always(1) },
      ...{ shutdownSeconds: 40, pollSeconds: 0 },
      ...worker,
    },
    ...{ pollingSeconds: 15, syncSeconds: 15, maxQueued: 1_000, seed: 1, stretchSeconds: 60 },
    phases: { poll: 0, sync: 5 },
    ...rest,
  };
}
