// The part of a simulation that is drawn, and how long jobs took within each stretch of it.
import { percentileOfSorted } from '../scripts/lib/statistics.ts';
import { secondsPerDay } from './cost/deployment.ts';
import type { Simulation } from './simulation/simulate.ts';
import type { Stretch } from './simulation/timeline.ts';

/** The stretches of the day with most arrivals, the last of which may be a part of one; all of a shorter run. */
export function busiestDay({ stretches, stretchSeconds }: Simulation, days: number): readonly Stretch[] {
  const perDay = Math.round((Math.min(1, days) * secondsPerDay) / stretchSeconds);
  const daysBegun = Math.ceil(days - 1e-9);
  const ofDay = Array.from({ length: daysBegun }, (_, day) =>
    stretches.slice(day * perDay, (day + 1) * perDay),
  );
  const jobs = (day: readonly Stretch[]) => day.reduce((sum, { arrivals }) => sum + arrivals, 0);
  return ofDay.reduce((a, b) => (jobs(b) > jobs(a) ? b : a));
}

/** How long those took that came within a stretch; NaN where nobody came. */
export function waitsByStretch({ jobs, stretchSeconds }: Simulation) {
  const byStretch = new Map<number, number[]>();
  for (const { arrivedAt, doneAt = Number.NaN } of jobs) {
    const index = Math.floor(arrivedAt / stretchSeconds);
    const waits = byStretch.get(index) ?? [];
    if (waits.length === 0) byStretch.set(index, waits);
    waits.push(doneAt - arrivedAt);
  }
  const sorted = new Map([...byStretch].map(([index, waits]) => [index, waits.sort((a, b) => a - b)]));
  return (fromSeconds: number, share: number) =>
    percentileOfSorted(sorted.get(Math.round(fromSeconds / stretchSeconds)) ?? [], share);
}
