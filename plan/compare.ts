// Which settings keep the promise about the wait, and which of them costs least.
import { arrivalsFor, type Inputs, makePlan, type Plan, type Setting, settingOf } from './make-plan.ts';
import type { PlanOptions } from './options.ts';

export interface Comparison {
  /** Days that were simulated for each setting. */
  readonly days: number;
  readonly p95Seconds: number;
  /** Of all settings that were tried, the cheapest first. */
  readonly plans: readonly Plan[];
  /** The cheapest that meets the wait and turns nobody away; undefined when none does. */
  readonly best?: Plan;
  /** Where none does, the one with the shortest wait. */
  readonly nearest: Plan;
}

/** Enough for rates; many settings are tried, and a month of each would take minutes. A day at least, since no hour is like another. */
const mostDays = 3;
const mostJobs = 150_000;

const cooldowns = [60, 300, 900, 1_800, 3_600];
const pollings = [15, 30];
const queueLengths = [1, 3];

/** All settings get the same arrivals. @throws Error in one sentence when nobody comes. */
export function compare(options: PlanOptions, inputs: Inputs): Comparison {
  const days = options.jobsPerDay * mostDays > mostJobs ? 1 : mostDays;
  const arrivals = arrivalsFor(options, Math.min(options.days, days), inputs.traceText);
  if (arrivals.times.length === 0)
    throw new Error(`Expected jobs to compare settings with, for these days, received none`);
  const plans = settingsToTry(options)
    .map((setting) => makePlan(options, inputs, arrivals, setting).plan)
    .sort((a, b) => a.bill.total - b.bill.total);
  const best = plans.find((plan) => meets(plan, options.p95Seconds));
  const nearest = plans.reduce((a, b) => (shortfall(b) < shortfall(a) ? b : a));
  return { days: arrivals.days, p95Seconds: options.p95Seconds, plans, nearest, ...(best && { best }) };
}

export function meets({ waits, refused }: Plan, p95Seconds: number): boolean {
  return refused === 0 && waits.p95 <= p95Seconds;
}

/** Whoever turns callers away is further from the aim than who lets them wait, however long. */
function shortfall({ refused, waits }: Plan): number {
  return refused > 0 ? Number.MAX_SAFE_INTEGER + refused : waits.p95;
}

function settingsToTry(options: PlanOptions): Setting[] {
  const own = settingOf(options);
  const most = spread([1, 2, 3, 5], own.maxReplicas);
  return options.profiles.flatMap((profile) =>
    most.flatMap((maxReplicas) =>
      spread(queueLengths, own.queueLength).flatMap((queueLength) =>
        // One worker is all that there can be, whatever stands in line for each.
        maxReplicas === 1 && queueLength !== own.queueLength
          ? []
          : spread(cooldowns, own.cooldownSeconds).flatMap((cooldownSeconds) =>
              spread(pollings, own.pollingSeconds).map((pollingSeconds) => ({
                profile,
                maxReplicas,
                queueLength,
                cooldownSeconds,
                pollingSeconds,
              })),
            ),
      ),
    ),
  );
}

/** The usual values and that which was asked for. */
function spread(usual: readonly number[], own: number): number[] {
  return [...new Set([...usual, own])].sort((a, b) => a - b);
}
