// The workers: from their allocation over a cold start to ready, one job at a time, and out again.
import type { Random } from '../../scripts/lib/random.ts';
import { type Span, sampleSpan, sampleSpread } from './distributions.ts';
import type { EventQueue } from './event-queue.ts';
import type { JobLine, SimulatedJob } from './job-line.ts';
import type { Recorder, ReplicaState } from './timeline.ts';

export interface WorkerSettings {
  /** Seconds of a worker's time for a usual job. */
  readonly jobSeconds: number;
  /** How far times of jobs go apart: the sigma of a log-normal; 0 for all the same. */
  readonly jobSpread: number;
  /** What a cold start is made of. */
  readonly coldStart: readonly Span[];
  /** From the end of the process until the platform bills it no more. */
  readonly removal: Span;
  /** How long a worker that is told to stop may go on with its job; then it hands it back. */
  readonly shutdownSeconds: number;
  /** The longest pause of an idle worker between two looks into the queue. */
  readonly pollSeconds: number;
}

interface Replica {
  state: ReplicaState;
  since: number;
  job?: SimulatedJob | undefined;
  jobEndsAt?: number;
  isStopping: boolean;
}

export interface PoolCounts {
  readonly coldStarts: number;
  readonly handBacks: number;
}

export interface ReplicaPool {
  /** Allocates workers, or tells some to stop: which ones is chance, and may hit one that has a job. */
  scaleTo(replicas: number): void;
  /** Something waits: an idle worker, where there is one, finds it at its next look. */
  offer(): void;
  /** Those that are on their way out, too. */
  alive(): number;
  counts(): PoolCounts;
}

interface World {
  readonly events: EventQueue;
  readonly line: JobLine;
  readonly recorder: Recorder;
  readonly random: Random;
  readonly settings: WorkerSettings;
}

/** As `container-app/src/worker.ts` has it: a pause is this share of the time that a worker has been idle. */
const pauseShare = 0.05;
const shortestPauseSeconds = 0.02;

export function makeReplicaPool({ events, line, recorder, random, settings }: World): ReplicaPool {
  const replicas = new Set<Replica>();
  let coldStarts = 0;
  let handBacks = 0;

  const become = (replica: Replica, state: ReplicaState) => {
    recorder.spent(replica.state, replica.since, events.now());
    Object.assign(replica, { state, since: events.now() });
  };

  const allocate = () => {
    const replica: Replica = { state: 'cold', since: events.now(), isStopping: false };
    replicas.add(replica);
    coldStarts += 1;
    const seconds = settings.coldStart.reduce((sum, part) => sum + sampleSpan(part, random), 0);
    events.at(events.now() + seconds, () => {
      if (!replica.isStopping) look(replica);
    });
  };

  /** Takes the next job, or is idle. @param pauseSeconds until the look that finds it. */
  const look = (replica: Replica, pauseSeconds = 0) => {
    const job = line.take();
    if (!job) return become(replica, 'idle');
    const seconds = settings.jobSeconds * sampleSpread(settings.jobSpread, random);
    const startedAt = events.now() + pauseSeconds;
    const jobEndsAt = startedAt + seconds;
    job.startedAt = startedAt;
    Object.assign(replica, { job, jobEndsAt });
    // The pause is still idle time.
    if (pauseSeconds === 0) become(replica, 'busy');
    else
      events.at(startedAt, () => {
        if (replica.job === job) become(replica, 'busy');
      });
    events.at(jobEndsAt, () => {
      if (replica.job === job) finish(replica, job);
    });
  };

  const finish = (replica: Replica, job: SimulatedJob) => {
    job.doneAt = events.now();
    replica.job = undefined;
    line.done();
    if (replica.isStopping) leave(replica);
    else look(replica);
  };

  const handBack = (replica: Replica, job: SimulatedJob) => {
    handBacks += 1;
    job.handBacks += 1;
    delete job.startedAt;
    replica.job = undefined;
    line.handBack(job);
    leave(replica);
    offer();
  };

  const stop = (replica: Replica) => {
    replica.isStopping = true;
    const { job, jobEndsAt = 0 } = replica;
    const deadline = events.now() + settings.shutdownSeconds;
    if (!job) return leave(replica);
    if (jobEndsAt > deadline) events.at(deadline, () => handBack(replica, job));
  };

  const leave = (replica: Replica) => {
    become(replica, 'leaving');
    events.at(events.now() + sampleSpan(settings.removal, random), () => {
      become(replica, 'leaving');
      replicas.delete(replica);
    });
  };

  /** Whoever looks first has it. */
  const offer = () => {
    const looks = [...replicas]
      .filter(({ state, job }) => state === 'idle' && !job)
      .map((replica) => ({ replica, pause: random.next() * pauseOf(events.now() - replica.since) }));
    const first = looks.sort((a, b) => a.pause - b.pause)[0];
    if (first) look(first.replica, first.pause);
  };

  const pauseOf = (idleSeconds: number) =>
    Math.min(settings.pollSeconds, Math.max(shortestPauseSeconds, idleSeconds * pauseShare));

  return {
    scaleTo: (wanted) => {
      const staying = [...replicas].filter(({ isStopping }) => !isStopping);
      for (let missing = wanted - staying.length; missing > 0; missing -= 1) allocate();
      for (const replica of random.shuffled(staying).slice(wanted)) stop(replica);
    },
    offer,
    alive: () => replicas.size,
    counts: () => ({ coldStarts, handBacks }),
  };
}
