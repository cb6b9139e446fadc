// Plays one story with one fault in it, to its end and to rest, and says everything that is wrong then.
import { everyDocument, isDone, type Job, messageOf, thumbnailKeyOf, transition } from '@impasto/shared';
import type { FaultyPorts } from '../shared/src/testing/fault-points.ts';
import { type Fault, type FaultInjector, type FaultKind, makeFaultInjector } from './faults.ts';
import { type House, openHouse, type Worker } from './house.ts';
import { numberedPicture } from './scripted-engine.ts';
import { type ActorName, type StoryName, scriptOf } from './stories.ts';
import type { Time } from './time.ts';

export interface Stage {
  readonly ports: FaultyPorts;
  readonly time: Time;
  readonly leaseSeconds: number;
  /** Lease times from rest to the last look: enough for whoever stood still to go on. Default 8. */
  readonly restLeases?: number;
  /** Whether time cannot pass unseen: then it is known to the last one which attempts may be lost. */
  readonly exact: boolean;
}

export interface Scene {
  readonly actor: ActorName;
  readonly story: StoryName;
  readonly fault: Fault;
  /** Stories of further jobs that go on beside it. */
  readonly beside: readonly StoryName[];
  /** Whether the sweeper comes only in the end: what it would put right has to come right without it. */
  readonly withoutSweeper?: boolean;
}

interface Play {
  readonly stage: Stage;
  readonly scene: Scene;
  readonly house: House;
  readonly injector: FaultInjector;
  readonly workers: Worker[];
  readonly progress: Progress;
  mainId(): string | undefined;
  /** The job of the story, as long as it has a record. */
  main(): Job | undefined;
}

/** How far those have come who do not give up easily. */
interface Progress {
  /** The operator, or the caller who wants his job to end, has had an answer. */
  answered: boolean;
  /** The message about the end has vanished. */
  noticeLost: boolean;
}

const nothingYet: Progress = { answered: false, noticeLost: false };
const key = 'key-of-the-story';

export interface Outcome {
  /** Whether the moment of the fault came; where time is exact it always does. */
  readonly fired: boolean;
  /** What is wrong, in words. */
  readonly complaints: readonly string[];
}

/** @throws Error when it does not come to rest, or the fault never came. */
export async function play(stage: Stage, scene: Scene): Promise<Outcome> {
  const { leaseSeconds: lease, time, restLeases = 8 } = stage;
  const one = prepare(stage, scene);
  const { injector } = one;
  await open(one);
  const looking = lookAfter(one);
  try {
    await time.until('rest', () => isQuiet(one), 60 * lease);
    // Until whoever stood still has gone on, and whatever belongs to nobody is old enough to go.
    await time.advance(restLeases * lease);
    await time.until('rest again', () => isQuiet(one), 60 * lease);
  } finally {
    looking.stop();
    for (const worker of one.workers) worker.stop();
  }
  const unearned = stage.exact ? [...unexpected(scene, one.main()), ...(await leftOver(one))] : [];
  return { fired: injector.fired(), complaints: [...(await complaintsInTheEnd(one)), ...unearned] };
}

/** Where time is real nobody knows when the last orphan is old enough to go: some looks may be needed. */
async function complaintsInTheEnd({ stage, house }: Play): Promise<readonly string[]> {
  const { time, leaseSeconds, exact } = stage;
  const look = async () => {
    await finish(time, house.sweep());
    await finish(time, house.sweep());
    return await house.complaints();
  };
  if (exact) return await look();
  for (let looks = 1; ; looks += 1) {
    const complaints = await look().catch((error) => [messageOf(error)]);
    if (complaints.length === 0 || looks === 20) return complaints;
    await time.advance(leaseSeconds);
  }
}

function prepare(stage: Stage, scene: Scene): Play {
  const { leaseSeconds: lease, time, restLeases = 8 } = stage;
  const stories = [scene.story, ...scene.beside];
  const scripts = stories.map((story) => scriptOf(story, lease));
  const house: House = openHouse({
    ports: stage.ports,
    leaseSeconds: lease,
    pollSeconds: lease / 6,
    sweep: {
      silentSeconds: 3 * lease,
      orphanSeconds: (restLeases - 2) * lease,
      retentionHours: 1e6,
      failedRetentionHours: 1e6,
      tombstoneHours: 1e6,
    },
    ...(scene.story === 'late' && { expiryHours: lease / 3600 }),
    scriptOf: (number) => scripts[number] ?? { seconds: 0, errors: [] },
  });
  const injector = makeFaultInjector(scene.fault, {
    pauseSeconds: 1.5 * lease,
    stallSeconds: 5 * lease,
    callSeconds: lease / 3,
    delay: time.pause,
    async interleaveWorker(jobId) {
      if (jobId !== undefined) await house.duplicate(jobId);
      await house.workOnce();
    },
    async interleaveSweep() {
      await house.sweep();
    },
  });
  const { ledger } = house;
  const mainId = () => ledger.entries.find(({ before }) => before === undefined)?.after.jobId;
  const main = () => ledger.jobs().find(({ jobId }) => jobId === mainId());
  return { stage, scene, house, injector, workers: [], progress: { ...nothingYet }, mainId, main };
}

/** Submissions, what is wrong from the beginning, and the workers. */
async function open(one: Play): Promise<void> {
  const { stage, scene, house, injector } = one;
  const { time, leaseSeconds: lease } = stage;
  const hook = scene.actor === 'door' ? injector.actor() : undefined;
  if (scene.story === 'orphan') {
    const key = `inputs/${crypto.randomUUID()}/content`;
    await house.ports.images.put(key, numberedPicture(0), 'image/png');
  } else {
    // A submission that dies never ends; any other is over in no time.
    const submission = house.submit(0, hook, wishesOf(scene));
    await (hook ? time.advance(lease / 60) : finish(time, submission));
  }
  const beside = scene.beside.map((_story, index) => house.submit(index + 1));
  await spoil(one);
  await finish(time, Promise.all(beside));
  startWorkers(one);
  if (scene.story === 'stopped') {
    await time.until('a job to be begun', () => one.main()?.status === 'processing', 9 * lease);
    await time.advance(lease / 2);
    for (const worker of one.workers.splice(0)) {
      worker.stop();
      worker.handBack();
    }
    startWorkers(one);
  }
  if (scene.story === 'canceled' || scene.story === 'removed') {
    await time.until('a job to be begun', () => one.main()?.status === 'processing', 9 * lease);
    await time.advance(lease / 2);
    quietly(askToEnd(one));
  }
}

function wishesOf({ story }: Scene) {
  if (story === 'keyed') return { key };
  return story === 'told' || story === 'told_lost' ? { told: true } : {};
}

async function askToEnd({ scene, house, injector, progress, mainId }: Play): Promise<void> {
  const jobId = mainId();
  if (jobId === undefined) return;
  const hook = scene.actor === 'caller' ? injector.actor() : undefined;
  const ask = scene.story === 'canceled' ? house.cancel : house.remove;
  const { status } = await ask(jobId, hook);
  progress.answered ||= status < 500;
}

function quietly(work: Promise<unknown>): void {
  void work.catch(() => {});
}

function startWorkers({ house, scene, injector, workers }: Play): void {
  for (let count = 0; count < 2; count += 1)
    workers.push(house.startWorker(scene.actor === 'worker' ? injector.actor() : undefined));
}

async function spoil({ house, scene, main }: Play): Promise<void> {
  const { jobs, queue } = house.ports;
  const job = main();
  if (!job || !['message_lost', 'claim_lost', 'late'].includes(scene.story)) return;
  await (await queue.receive(1))?.remove();
  if (scene.story !== 'claim_lost') return;
  const at = new Date().toISOString();
  await jobs.update(job.jobId, (now) => transition(now, { type: 'claimed', owner: 'dead', at }));
}

/** The sweeper every other lease time, as its timer calls it, and everybody who does not give up easily. */
function lookAfter(one: Play): { stop(): void } {
  const stopped = new AbortController();
  const { stage, scene, house, injector } = one;
  const { time, leaseSeconds: lease } = stage;
  void (async () => {
    while (!stopped.signal.aborted) {
      await time.pause(2 * lease);
      const hook = scene.actor === 'sweeper' ? injector.actor() : undefined;
      if (!scene.withoutSweeper) quietly(house.sweep(hook));
      quietly(goOn(one));
    }
  })();
  return { stop: () => stopped.abort() };
}

/** What the story's people do again until they have an answer. */
async function goOn(one: Play): Promise<void> {
  const { scene, house, injector, progress, main } = one;
  const hookOf = (actor: ActorName) => (scene.actor === actor ? injector.actor() : undefined);
  switch (scene.story) {
    case 'replayed': {
      const job = main();
      if (progress.answered || !job || (job.status !== 'failed' && job.replays === 0)) return;
      const { status } = await house.replay(job.jobId, hookOf('operator'));
      progress.answered ||= status === 202 || status === 409;
      return;
    }
    case 'keyed':
      if (timesTaken(house) < 2) await house.submit(0, undefined, { key });
      return;
    case 'canceled':
    case 'removed':
      if (!progress.answered) await askToEnd(one);
      return;
    case 'told_lost':
      if (progress.noticeLost) await house.deliver();
      else progress.noticeLost = await loseNotice(house);
      return;
    case 'told':
      await house.deliver(hookOf('postman'));
  }
}

/** How often somebody was told that the job of the key is taken. */
function timesTaken({ history }: House): number {
  return history.filter((call) => call.key === key && call.outcome === 'ok').length;
}

async function loseNotice({ ports }: House): Promise<boolean> {
  const message = await ports.notices.receive(1);
  await message?.remove();
  return message !== undefined;
}

async function isQuiet({ stage, scene, house, injector, progress, main }: Play): Promise<boolean> {
  const job = main();
  // On a busy machine a worker may lose its job to another before it comes to the moment.
  const mayMiss = !stage.exact && scene.actor === 'worker';
  if (!injector.fired() && !mayMiss) return false;
  if (scene.story === 'replayed' && job?.replays !== 1) return false;
  if (scene.story === 'keyed' && timesTaken(house) < 2) return false;
  if ((scene.story === 'canceled' || scene.story === 'removed') && !progress.answered) return false;
  if (scene.story.startsWith('told') && !(await isTold(house))) return false;
  if (!house.ledger.jobs().every(isDone)) return false;
  return (await house.ports.queue.countMessages()) === 0;
}

async function isTold({ ports }: House): Promise<boolean> {
  if ((await ports.notices.countMessages()) > 0) return false;
  for await (const { name } of everyDocument(ports.deliveries, ''))
    if ((await ports.deliveries.get(name))?.value.state === 'delivered') return true;
  return false;
}

async function finish<T>(time: Time, work: Promise<T>): Promise<T> {
  let done = false;
  const end = () => {
    done = true;
  };
  work.then(end, end);
  await time.until('an end', () => done, 600);
  return await work;
}

/** What the fault may have cost the job, and no more. */
function unexpected({ actor, story, fault }: Scene, job: Job | undefined): string[] {
  if (!job || actor === 'door') return [];
  const complaints: string[] = [];
  // Of a caller who comes late the picture may have been before him.
  const late = actor === 'caller' && job.status === 'completed';
  const expected = late ? 'completed' : (outcomes[story] ?? 'completed');
  if (job.status !== expected) complaints.push(`the job is ${job.status}, expected ${expected}`);
  const crashes = (story === 'claim_lost' ? 1 : 0) + mostCrashes(fault);
  if (job.crashes > crashes) complaints.push(`${job.crashes} crashes, expected at most ${crashes}`);
  const errors = story === 'retry' || story === 'corrupt' ? 1 : 0;
  if (job.errors > errors) complaints.push(`${job.errors} errors, expected at most ${errors}`);
  return complaints;
}

/** Results that nobody names, before the sweeper comes: only who dies, or is not let, leaves one behind. */
async function leftOver({ scene, house }: Play): Promise<string[]> {
  const { withoutSweeper = false, fault } = scene;
  const isHindered =
    fault.kind.startsWith('crash') || ['result.deleted', 'record.read'].includes(fault.point);
  if (!withoutSweeper || isHindered) return [];
  const named = new Set(
    house.ledger
      .jobs()
      .flatMap((job) => (job.status === 'completed' ? [job.result.key, thumbnailKeyOf(job.result.key)] : [])),
  );
  const complaints: string[] = [];
  for await (const { key } of house.ports.images.list('results/'))
    if (!named.has(key)) complaints.push(`${key} was left to the sweeper`);
  return complaints;
}

const outcomes: Partial<Record<StoryName, Job['status']>> = {
  corrupt: 'failed',
  late: 'expired',
  canceled: 'canceled',
};

/**
 * An attempt is lost only by who dies or stands still, by who never heard that its claim was written, and by who has to
 * stop while the storage does not answer.
 */
function mostCrashes({ point, kind }: Fault): number {
  const unheard: readonly FaultKind[] = ['cut', 'hang_after'];
  if (/^(?:crash|pause|stall)/.test(kind)) return 1;
  if (point === 'claimed') return unheard.includes(kind) ? 1 : 0;
  return point === 'handed_back' && kind.startsWith('hang') ? 1 : 0;
}
