// What is going to happen to processes, messages and the storage as a whole, and when: drawn from the seed.

import type { Random } from '../scripts/lib/random.ts';
import type { ChaosOptions } from './options.ts';

export type ProcessFault =
  | 'worker killed at a call'
  | 'worker killed at any time'
  | 'host killed in a submission'
  | 'worker stalled past its lease'
  | 'worker asked to end'
  | 'message doubled'
  | 'message lost'
  | 'storage paused';

export interface PlannedFault {
  readonly kind: ProcessFault;
  /** It happens once so many jobs have been accepted. */
  readonly atJob: number;
}

/** Faults in random order, spread evenly over the run. */
export function planFaults({ jobs, kills, outages, sweeper }: ChaosOptions, random: Random): PlannedFault[] {
  const hostKills = Math.floor(kills / 4);
  const timedKills = Math.floor(kills / 3);
  const counts: Record<ProcessFault, number> = {
    'worker killed at a call': kills - hostKills - timedKills,
    'worker killed at any time': timedKills,
    'host killed in a submission': hostKills,
    'worker stalled past its lease': Math.ceil(kills / 4),
    'worker asked to end': Math.ceil(kills / 4),
    'message doubled': Math.ceil(kills / 2),
    'message lost': sweeper ? Math.ceil(kills / 3) : 0,
    'storage paused': outages,
  };
  const kinds = Object.entries(counts).flatMap(([kind, count]) =>
    Array<string>(count).fill(kind),
  ) as ProcessFault[];
  const shuffled = random.shuffled(kinds);
  return shuffled.map((kind, index) => ({
    kind,
    atJob: Math.floor(((index + 0.5) / shuffled.length) * jobs),
  }));
}
