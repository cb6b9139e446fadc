// The sweeper: looks after what no request and no worker would ever come back to. Nothing depends on it while all goes
// well. It runs every minute; one at a time among all instances, and no longer than the lock lasts.
import { type CallOptions, type Logger, type Mutex, messageOf } from '@impasto/shared';
import { inSpan } from '@impasto/shared/telemetry';
import { bulkhead } from 'cockatiel';
import type { ObserveSweep } from '../observe/observe-sweep.ts';
import { applyRepair } from './apply-repair.ts';
import { makeLookForLeftovers } from './leftovers.ts';
import { planRepairs, type Repair, type SweepSettings } from './plan-repairs.ts';
import { planTidying, type Tidying } from './plan-tidying.ts';
import { type SweptStorage, takeSnapshot } from './snapshot.ts';

interface Dependencies extends SweptStorage {
  readonly sweeping: Mutex;
  readonly settings: SweepSettings;
  /** Told of what each sweep has seen. */
  readonly observe?: ObserveSweep;
  readonly log: Logger;
  /** In milliseconds; default: that of this machine. */
  readonly clock?: () => number;
}

/** How many things were put right, by kind of repair. */
export type SweepReport = Partial<Record<Repair['kind'] | 'errors', number>>;

/** Repairs of one sweep: what is left over waits a minute. */
const mostRepairs = 1_000;
const parallelRepairs = 8;

/** @returns undefined when another instance is at it. */
export type Sweep = (options?: CallOptions) => Promise<SweepReport | undefined>;

/** @throws JobError when the storage cannot be listed; a repair that fails is logged and left to the next sweep. */
export function makeSweep(deps: Dependencies): Sweep {
  const lookForLeftovers = makeLookForLeftovers(deps, deps.clock ?? Date.now);
  /** What there was no room for in earlier sweeps. */
  const tidying: Tidying[] = [];
  const sweep: Sweep = async (options = {}) => {
    let report: SweepReport | undefined;
    await deps.sweeping.tryRun(async (signal) => {
      const snapshot = await takeSnapshot(deps, await lookForLeftovers({ signal }), { signal });
      const observed = deps.observe?.(snapshot, { signal });
      const repairs = planRepairs(snapshot, deps.settings, new Date()).slice(0, mostRepairs);
      tidying.push(...planTidying(snapshot, deps.settings));
      const room = mostRepairs - repairs.length;
      report = await applyAll(deps, [...repairs, ...tidying.splice(0, room)], signal);
      await observed;
    }, options);
    if (report && Object.keys(report).length > 0) deps.log.warn('sweep.repaired', report);
    return report;
  };
  return (options) =>
    inSpan('sweep', {}, async (span) => {
      const report = await sweep(options);
      for (const [kind, count] of Object.entries(report ?? {}))
        span.setAttribute(`impasto.sweep.${kind}`, count);
      return report;
    });
}

async function applyAll(
  deps: Dependencies,
  repairs: readonly Repair[],
  signal: AbortSignal,
): Promise<SweepReport> {
  const report: SweepReport = {};
  const count = (kind: keyof SweepReport) => {
    report[kind] = (report[kind] ?? 0) + 1;
  };
  const few = bulkhead(parallelRepairs, Number.POSITIVE_INFINITY);
  const apply = async (repair: Repair) => {
    if (signal.aborted) return;
    try {
      if (await applyRepair(deps, deps.settings, repair, { signal })) count(repair.kind);
    } catch (error) {
      if (!signal.aborted) deps.log.warn('sweep.repair_failed', { ...repair, error: messageOf(error) });
      count('errors');
    }
  };
  await Promise.all(repairs.map((repair) => few.execute(() => apply(repair))));
  return report;
}
