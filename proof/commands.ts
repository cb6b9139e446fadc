// What a random walk through the service is made of: each command is done to the service and to the model, and what the
// records say afterwards has to be what the model says.
import assert from 'node:assert/strict';
import { isDone, type Job, JobError } from '@impasto/shared';
import fc from 'fast-check';
import type { FaultHook, FaultPoint } from '../shared/src/testing/fault-points.ts';
import { type FaultKind, makeFaultInjector } from './faults.ts';
import type { House } from './house.ts';
import { awoken, type Ending, lapsed, type ModelJob, replayed, submitted, worked } from './model.ts';
import type { Script } from './scripted-engine.ts';
import type { Time } from './time.ts';

/** The service and the model beside it. */
export interface World {
  readonly house: House;
  readonly time: Time;
  readonly leaseSeconds: number;
  readonly silentSeconds: number;
  readonly expirySeconds: number;
  /** Whether time passes only in `tick`; else the model takes either side's word for what is silent by now. */
  readonly exact: boolean;
  readonly now: () => number;
  /** What becomes of the next painting. */
  readonly script: { next: Script };
  readonly jobs: Map<string, ModelJob>;
  readonly sleepers: Sleeper[];
}

interface Sleeper {
  readonly jobId: string;
  readonly attempt: number;
  readonly replays: number;
  wake(): Promise<void>;
}

export type Command =
  | { readonly do: 'submit' | 'lose_message' | 'sweep' | 'wake' }
  | { readonly do: 'duplicate' | 'replay' | 'poll'; readonly job: number }
  | { readonly do: 'work'; readonly ending: Exclude<Ending, 'silent'> }
  | { readonly do: 'die' | 'fall_asleep'; readonly point: FaultPoint; readonly when: 'before' | 'after' }
  | { readonly do: 'tick'; readonly leases: number };

const job = fc.nat({ max: 9 });
/** Moments between claim and commit: whoever says no more there has begun an attempt and not ended it. */
const midway = fc.constantFrom(
  { point: 'claimed', when: 'after' } as const,
  { point: 'inputs.fetched', when: 'before' } as const,
  { point: 'result.put', when: 'before' } as const,
  { point: 'result.put', when: 'after' } as const,
  { point: 'committed', when: 'before' } as const,
);

const endings = fc.constantFrom('success', 'retryable', 'retryable', 'handed_back', 'handed_back', 'final');
const to = (command: Command): fc.Arbitrary<Command> => fc.constant(command);

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: to({ do: 'submit' }) },
  { weight: 8, arbitrary: endings.map((ending): Command => ({ do: 'work', ending })) },
  { weight: 3, arbitrary: midway.map((where): Command => ({ do: 'die', ...where })) },
  { weight: 3, arbitrary: midway.map((where): Command => ({ do: 'fall_asleep', ...where })) },
  { weight: 3, arbitrary: to({ do: 'wake' }) },
  { weight: 2, arbitrary: job.map((one): Command => ({ do: 'duplicate', job: one })) },
  { weight: 1, arbitrary: to({ do: 'lose_message' }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(0.2, 1.1, 4, 9).map((leases): Command => ({ do: 'tick', leases })),
  },
  { weight: 3, arbitrary: to({ do: 'sweep' }) },
  { weight: 2, arbitrary: job.map((one): Command => ({ do: 'replay', job: one })) },
  { weight: 2, arbitrary: job.map((one): Command => ({ do: 'poll', job: one })) },
);

export async function carryOut(world: World, command: Command): Promise<void> {
  switch (command.do) {
    case 'submit':
      await submit(world);
      break;
    case 'work':
      await work(world, command.ending);
      break;
    case 'die':
      await fallSilent(world, `crash_${command.when}`, command.point);
      break;
    case 'fall_asleep':
      await fallSilent(world, `pause_${command.when}`, command.point);
      break;
    case 'wake':
      await wake(world);
      break;
    case 'lose_message':
      await (await world.house.ports.queue.receive(1))?.remove();
      break;
    case 'tick':
      await world.time.advance(command.leases * world.leaseSeconds);
      break;
    case 'sweep':
      await sweep(world);
      break;
    default:
      await toOne(world, command);
  }
  compare(world);
}

async function submit({ house, jobs, now, expirySeconds }: World): Promise<void> {
  const jobId = await house.submit(jobs.size);
  assert.ok(jobId !== undefined, 'expected the submission to be accepted');
  jobs.set(jobId, submitted(now() + expirySeconds));
}

const failures: Record<Exclude<Ending, 'silent'>, () => Error[]> = {
  success: () => [],
  handed_back: () => [],
  retryable: () => [new JobError('model_failed', 'out of luck')],
  final: () => [new JobError('image_corrupt', 'half a picture')],
};

async function work(world: World, ending: Exclude<Ending, 'silent'>): Promise<void> {
  world.script.next = { seconds: 0, errors: failures[ending]() };
  let jobId: string | undefined;
  const noting: FaultHook = (call) => {
    jobId ??= call.jobId;
  };
  const handBack = ending === 'handed_back' ? AbortSignal.abort() : undefined;
  const outcome = await world.house.workOnce(noting, handBack);
  if (outcome !== undefined) learn(world, jobId, ending, outcome === 'left');
}

/** The model's word on a worker that had the message of this job. */
function learn(world: World, jobId: string | undefined, ending: Ending, left: boolean): void {
  const before = world.jobs.get(jobId ?? '');
  if (jobId === undefined || !before) throw new Error(`Expected a message about a known job, found ${jobId}`);
  const { exact, now, leaseSeconds } = world;
  const isSilent = exact ? now() - before.claimedAt >= leaseSeconds : !left;
  world.jobs.set(jobId, worked(before, ending, now(), isSilent));
}

/** A worker that dies, or stands still until it is woken, in the middle of an attempt; or ends before it comes to that. */
async function fallSilent(world: World, kind: FaultKind, point: FaultPoint): Promise<void> {
  world.script.next = { seconds: 0, errors: [] };
  const { promise, resolve } = Promise.withResolvers<void>();
  const injector = makeFaultInjector(
    { point, kind, occurrence: 1 },
    {
      ...{ pauseSeconds: 0, stallSeconds: 0, callSeconds: 0, delay: () => promise },
      ...{ interleaveWorker: async () => {}, interleaveSweep: async () => {} },
    },
  );
  const hook = injector.actor();
  let jobId: string | undefined;
  let outcome: string | undefined;
  let over = false;
  const noting: FaultHook = (call) => {
    jobId ??= call.jobId;
    return hook(call);
  };
  const working = world.house.workOnce(noting).then((value) => {
    outcome = value;
    over = true;
  });
  await world.time.until('a worker to fall silent', () => over || injector.fired(), 60);
  if (over && outcome === undefined) return;
  learn(world, jobId, injector.fired() ? 'silent' : 'success', outcome === 'left');
  const after = world.jobs.get(jobId ?? '');
  if (!injector.fired() || !after || jobId === undefined || kind.startsWith('crash')) return;
  const { attempt, replays } = after;
  const wake = () => {
    resolve();
    return working;
  };
  world.sleepers.push({ jobId, attempt, replays, wake });
}

async function wake({ sleepers, jobs, time, script }: World): Promise<void> {
  const sleeper = sleepers.shift();
  if (!sleeper) return;
  script.next = { seconds: 0, errors: [] };
  let over = false;
  const waking = sleeper.wake().finally(() => {
    over = true;
  });
  await time.until('a worker to end that was woken', () => over, 600);
  await waking;
  const { jobId, attempt, replays } = sleeper;
  const before = jobs.get(jobId);
  if (before) jobs.set(jobId, awoken(before, attempt, replays));
}

async function sweep({ house, jobs, now, silentSeconds, exact }: World): Promise<void> {
  await house.sweep();
  const seen = new Map(house.ledger.jobs().map((one) => [one.jobId, one]));
  for (const [jobId, before] of jobs) {
    const age = now() - before.claimedAt;
    const silent = exact ? age > silentSeconds : (seen.get(jobId)?.crashes ?? 0) > before.crashes;
    if (before.status === 'queued' && now() > before.expiresAt)
      jobs.set(jobId, { ...before, status: 'expired' });
    else if (before.status === 'processing' && silent) jobs.set(jobId, lapsed(before));
  }
}

async function toOne(world: World, command: Extract<Command, { job: number }>): Promise<void> {
  const { house, jobs, now, expirySeconds } = world;
  const [jobId, before] = [...jobs][command.job % Math.max(1, jobs.size)] ?? [];
  if (jobId === undefined || !before) return;
  if (command.do === 'duplicate') await house.duplicate(jobId);
  else if (command.do === 'poll') assert.equal((await house.poll(jobId)).status, before.status);
  else {
    const { status } = await house.replay(jobId);
    if (before.status === 'failed') assert.equal(status, 202);
    jobs.set(jobId, replayed(before, now() + expirySeconds));
  }
}

type Counts = Pick<Job, 'status' | 'attempt' | 'errors' | 'crashes' | 'handBacks' | 'replays'>;

function compare({ house, jobs }: World): void {
  const counts = ({ status, attempt, errors, crashes, handBacks, replays }: Counts) =>
    `${status}, attempt ${attempt}, ${errors} errors, ${crashes} crashes, ${handBacks} hand-backs, ${replays} replays`;
  const real = house.ledger.jobs().map((one) => `${one.jobId}: ${counts(one)}`);
  const modelled = [...jobs].map(([jobId, one]) => `${jobId}: ${counts(one)}`);
  assert.deepEqual(real, modelled);
}

/** However the walk ended: workers that succeed, and the sweeper, bring every job to an end. */
export async function comeToRest(world: World): Promise<string[]> {
  const { house, time, leaseSeconds, script, sleepers } = world;
  script.next = { seconds: 0, errors: [] };
  while (sleepers.length > 0) await wake(world);
  const workers = [house.startWorker(), house.startWorker()];
  const isQuiet = async () => {
    await house.sweep();
    return house.ledger.jobs().every(isDone) && (await house.ports.queue.countMessages()) === 0;
  };
  try {
    // A message that is sent again and again is sent less and less often.
    for (let leases = 0; !(await isQuiet()); leases += 1) {
      if (leases > 400) throw new Error('Expected rest');
      await time.advance(leaseSeconds);
    }
  } finally {
    for (const worker of workers) worker.stop();
  }
  await time.advance(5 * leaseSeconds);
  await house.sweep();
  return await house.complaints();
}
