// One plan: a load and a setting, simulated, summed up and priced.
import { fixedScaleSettings, syncSeconds } from '@impasto/scale';
import { makeRandom } from '../scripts/lib/random.ts';
import { percentileOfSorted } from '../scripts/lib/statistics.ts';
import { burstArrivals, constantArrivals, dailyArrivals, traceArrivals } from './arrivals.ts';
import { type Bill, billFor } from './cost/bill.ts';
import { daysPerMonth, secondsPerDay } from './cost/deployment.ts';
import type { Prices } from './cost/prices.ts';
import { monthlyUsage } from './cost/usage.ts';
import type { PlanOptions } from './options.ts';
import { type Simulation, type SimulationSettings, simulate } from './simulation/simulate.ts';
import { coldStartParts, jobSecondsOf, type ProfileName, type StageTimes } from './stage-times.ts';

export interface Inputs {
  readonly prices: Prices;
  readonly stageTimes: StageTimes;
  /** The recorded time stamps, where they are what is simulated. */
  readonly traceText?: string;
}

/** What the platform is told, and what is tried out in a comparison. */
export interface Setting {
  readonly profile: ProfileName;
  readonly maxReplicas: number;
  readonly queueLength: number;
  readonly cooldownSeconds: number;
  readonly pollingSeconds: number;
}

export interface Waits {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Plan {
  readonly setting: Setting;
  readonly days: number;
  readonly jobs: number;
  readonly refused: number;
  /** Seconds from submission to result. */
  readonly waits: Waits;
  /** Of that, until a worker began. */
  readonly queueWaits: Waits;
  readonly replicaSeconds: Simulation['replicaSeconds'];
  readonly coldStarts: number;
  readonly handBacks: number;
  readonly bill: Bill;
  /** Of 1,000 results. */
  readonly costPerThousand: number;
}

/** A worker's own pause between two looks into an empty queue, at most. */
const workerPollSeconds = 1;
const shutdownSeconds = 40;
/** So many stretches of the timeline make a day, or all of a shorter run. */
const stretchesOfChart = 288;

export interface ArrivalTimes {
  /** Seconds since the start. */
  readonly times: readonly number[];
  readonly days: number;
}

/** @throws Error in one sentence when the trace cannot be understood. */
export function arrivalsFor(options: PlanOptions, days: number, traceText = ''): ArrivalTimes {
  const random = makeRandom(options.seed).fork();
  const load = { ...options, days };
  switch (options.arrivals) {
    case 'constant':
      return { days, times: constantArrivals(load) };
    case 'daily':
      return { days, times: dailyArrivals(load, random) };
    case 'burst':
      return { days, times: burstArrivals(load, random) };
    case 'trace': {
      const times = traceArrivals(traceText, options.trace ?? 'the trace');
      // What lasted for less than an hour says little about a month.
      return { times, days: Math.max((times.at(-1) ?? 0) / secondsPerDay, 1 / 24) };
    }
  }
}

export function settingOf(options: PlanOptions): Setting {
  const { maxReplicas, queueLength, cooldownSeconds, pollingSeconds } = options;
  return { profile: options.profiles[0], maxReplicas, queueLength, cooldownSeconds, pollingSeconds };
}

export function makePlan(
  options: PlanOptions,
  inputs: Inputs,
  arrivals: ArrivalTimes,
  setting = settingOf(options),
): { readonly plan: Plan; readonly simulation: Simulation } {
  const { prices, stageTimes } = inputs;
  const simulation = simulate(
    arrivals.times,
    simulationSettings(options, stageTimes, setting, arrivals.days),
  );
  const { jobs, refused, replicaSeconds, coldStarts, handBacks, scalerLooks } = simulation;
  const usage = monthlyUsage({
    ...{ days: arrivals.days, jobs: jobs.length, side: options.side, replicaSeconds, scalerLooks },
    replica: stageTimes.profiles[setting.profile].replica,
    pollSeconds: workerPollSeconds,
  });
  const bill = billFor(usage, prices);
  const door = stageTimes.door.seconds;
  const plan = {
    ...{
      setting,
      days: arrivals.days,
      jobs: jobs.length,
      refused,
      replicaSeconds,
      coldStarts,
      handBacks,
      bill,
    },
    waits: waitsOf(jobs.map(({ arrivedAt, doneAt = Number.NaN }) => door + doneAt - arrivedAt)),
    queueWaits: waitsOf(jobs.map(({ arrivedAt, startedAt = Number.NaN }) => startedAt - arrivedAt)),
    costPerThousand: (1_000 * bill.total) / ((jobs.length * daysPerMonth) / arrivals.days),
  };
  return { plan, simulation };
}

/** A month without any job: what is there costs, and the scaler looks. */
export function idleBill(options: PlanOptions, { prices, stageTimes }: Inputs): Bill {
  const looks = (daysPerMonth * secondsPerDay) / options.pollingSeconds;
  const usage = monthlyUsage({
    ...{ days: daysPerMonth, jobs: 0, side: options.side, scalerLooks: looks },
    replicaSeconds: { cold: 0, busy: 0, idle: 0, leaving: 0 },
    replica: stageTimes.profiles[options.profiles[0]].replica,
    pollSeconds: workerPollSeconds,
  });
  return billFor(usage, prices);
}

function simulationSettings(
  options: PlanOptions,
  stageTimes: StageTimes,
  { profile, pollingSeconds, ...scale }: Setting,
  days: number,
): SimulationSettings {
  const times = stageTimes.profiles[profile];
  return {
    scale: { ...fixedScaleSettings, ...scale },
    worker: {
      jobSeconds: options.jobSeconds ?? jobSecondsOf(times, options.side),
      jobSpread: times.spread,
      coldStart: coldStartParts(times),
      removal: stageTimes.removal.seconds,
      ...{ shutdownSeconds, pollSeconds: workerPollSeconds },
    },
    ...{ pollingSeconds, syncSeconds, maxQueued: options.maxQueued, seed: options.seed },
    stretchSeconds: (Math.min(1, days) * secondsPerDay) / stretchesOfChart,
    lastsSeconds: days * secondsPerDay,
  };
}

function waitsOf(seconds: readonly number[]): Waits {
  const sorted = Float64Array.from(seconds).sort();
  return {
    p50: percentileOfSorted(sorted, 0.5),
    p95: percentileOfSorted(sorted, 0.95),
    p99: percentileOfSorted(sorted, 0.99),
  };
}
