// A queue and its workers in virtual time, for tests of what is foretold: arrivals in waves, cold starts, scaling to zero.
import type { SeenWorker } from '@impasto/shared';

export interface PoolSettings {
  readonly seed: number;
  readonly hours: number;
  readonly maxReplicas: number;
  /** Seconds of a usual job; each takes a random time around it. */
  readonly jobSeconds: number;
  readonly coldStartSeconds: { readonly low: number; readonly high: number };
}

export interface SimulatedJob {
  readonly arrivedAt: number;
  readonly seconds: number;
  startedAt?: number;
  endedAt?: number;
}

interface SimulatedWorker {
  readonly startedFor: number;
  readonly readyAt: number;
  job?: SimulatedJob | undefined;
  stoppedAt?: number;
  coldStartSeconds?: number;
  recentJobSeconds: number[];
}

/** What can be seen at one moment, as the real ports show it. */
export interface Moment {
  readonly now: number;
  readonly waiting: readonly SimulatedJob[];
  readonly inWork: readonly SimulatedJob[];
  readonly workers: readonly SeenWorker[];
}

const stepSeconds = 0.1;
const cooldownSeconds = 300;
const scalerSeconds = 10;
/** One arrival of so many is many at once. */
const crowds = { share: 0.03, jobs: 20 };

/** Runs the whole time, and shows each step to `watch`; `arrived` is the job that came in it, if any. */
export function simulatePool(
  settings: PoolSettings,
  watch: (moment: Moment, arrived: readonly SimulatedJob[]) => void,
): void {
  const random = randomFrom(settings.seed);
  const waiting: SimulatedJob[] = [];
  const workers: SimulatedWorker[] = [];
  let activeAt = 0;
  for (let step = 0; step * stepSeconds < settings.hours * 3_600; step += 1) {
    const now = step * stepSeconds;
    const arrived = arrivals(settings, now, random);
    waiting.push(...arrived);
    const alive = workers.filter((one) => one.stoppedAt === undefined);
    for (const worker of alive) work(worker, waiting, now);
    const count = waiting.length + alive.filter((one) => one.job).length;
    if (count > 0) activeAt = now;
    if (step % (scalerSeconds / stepSeconds) === 0)
      scale(settings, workers, { count, activeAt, now, random });
    watch(seen(workers, waiting, now), arrived);
  }
}

/** Quarters of an hour that are quiet, usual or busy, and now and then many jobs at once. */
function arrivals(
  { jobSeconds, maxReplicas }: PoolSettings,
  now: number,
  random: () => number,
): SimulatedJob[] {
  const load = [0.02, 0.5, 0.1, 1.1, 0][Math.floor(now / 900) % 5] ?? 0;
  const perArrival = 1 + crowds.share * (crowds.jobs - 1);
  const perStep = (load * maxReplicas * stepSeconds) / jobSeconds / perArrival;
  const count = random() < perStep ? (random() < crowds.share ? crowds.jobs : 1) : 0;
  // Log-normal, as service times are: a few take much longer than most.
  const spread = () => Math.exp(0.35 * normal(random));
  return Array.from({ length: count }, () => ({ arrivedAt: now, seconds: jobSeconds * spread() }));
}

function work(worker: SimulatedWorker, waiting: SimulatedJob[], now: number): void {
  if (now < worker.readyAt) return;
  const { job } = worker;
  if (job?.startedAt !== undefined && now >= job.startedAt + job.seconds) {
    job.endedAt = now;
    worker.recentJobSeconds = [...worker.recentJobSeconds, job.seconds].slice(-20);
    worker.job = undefined;
  }
  if (worker.job) return;
  const next = waiting.shift();
  if (!next) return;
  if (worker.recentJobSeconds.length === 0 && next.arrivedAt <= worker.startedFor)
    worker.coldStartSeconds ??= now - next.arrivedAt;
  next.startedAt = now;
  worker.job = next;
}

function scale(
  { maxReplicas, coldStartSeconds: { low, high } }: PoolSettings,
  workers: SimulatedWorker[],
  { count, activeAt, now, random }: { count: number; activeAt: number; now: number; random: () => number },
): void {
  const alive = workers.filter((one) => one.stoppedAt === undefined);
  if (count === 0 && now - activeAt > cooldownSeconds) for (const worker of alive) worker.stoppedAt = now;
  for (let missing = Math.min(maxReplicas, count) - alive.length; missing > 0; missing -= 1)
    workers.push({
      startedFor: now,
      readyAt: now + low + (high - low) * random(),
      recentJobSeconds: [],
    });
}

function seen(workers: readonly SimulatedWorker[], waiting: readonly SimulatedJob[], now: number): Moment {
  const day = workers.filter(({ stoppedAt = now }) => now - stoppedAt < 24 * 3_600);
  return {
    now,
    waiting,
    inWork: workers.flatMap(({ job, stoppedAt }) => (job && stoppedAt === undefined ? [job] : [])),
    // The machine is on its way for the first half of a cold start: nobody reports yet.
    workers: day
      .filter(({ startedFor, readyAt }) => now > (startedFor + readyAt) / 2)
      .map((one, index) => ({
        ageSeconds: now - (one.stoppedAt ?? now - 1),
        report: reportOf(one, index, now),
      })),
  };
}

function reportOf(worker: SimulatedWorker, index: number, now: number): SeenWorker['report'] {
  const { stoppedAt, readyAt, job, recentJobSeconds, coldStartSeconds } = worker;
  const running = now < readyAt ? 'starting' : job ? 'busy' : 'ready';
  return {
    workerId: String(index),
    state: stoppedAt === undefined ? running : 'stopped',
    model: 'm',
    executionProvider: 'cuda',
    recentJobSeconds,
    ...(coldStartSeconds !== undefined && { coldStartSeconds }),
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Mulberry32: the same numbers for the same seed, 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
