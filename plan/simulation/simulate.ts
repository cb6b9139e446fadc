// A run of the service in virtual time: jobs arrive, the platform's two clocks look at the queue and decide by the same
// code as the local autoscaler, workers come, work and go. The same seed gives the same run.
import { initialScaleState, pollActivity, type ScaleSettings, syncReplicas } from '@impasto/scale';
import { makeRandom } from '../../scripts/lib/random.ts';
import { makeEventQueue } from './event-queue.ts';
import { makeJobLine, type SimulatedJob } from './job-line.ts';
import { makeReplicaPool, type PoolCounts, type WorkerSettings } from './replica-pool.ts';
import { makeRecorder, type Timeline } from './timeline.ts';

export interface SimulationSettings {
  readonly scale: ScaleSettings;
  readonly worker: WorkerSettings;
  /** Between two looks of KEDA. */
  readonly pollingSeconds: number;
  /** Between two looks of the Horizontal Pod Autoscaler. */
  readonly syncSeconds: number;
  /** Jobs in the queue, those being worked on included, at which the door turns others away. */
  readonly maxQueued: number;
  readonly seed: number;
  /** Of each stretch of the timeline. */
  readonly stretchSeconds: number;
  /** The run and its timeline last for so long at least, however early the last job is done. */
  readonly lastsSeconds?: number;
  /** When each clock ticks for the first time; left to chance where it is not said. */
  readonly phases?: { readonly poll: number; readonly sync: number };
}

/** The number of workers asked for, from then on. */
export interface ScaleStep {
  readonly atSeconds: number;
  readonly replicas: number;
}

export interface Simulation extends Timeline, PoolCounts {
  readonly jobs: readonly SimulatedJob[];
  /** Turned away at the door. */
  readonly refused: number;
  /** Looks of KEDA at the queue, and of the autoscaler through it. */
  readonly scalerLooks: number;
  readonly steps: readonly ScaleStep[];
  /** When the last worker was gone, or later. */
  readonly endedAt: number;
}

/** @param arrivals seconds since the start, ascending. Runs at least until all of them are done and no worker is left. */
export function simulate(arrivals: readonly number[], settings: SimulationSettings): Simulation {
  const random = makeRandom(settings.seed);
  const phases = settings.phases ?? {
    poll: random.between(0, settings.pollingSeconds),
    sync: random.between(0, settings.syncSeconds),
  };
  const events = makeEventQueue();
  const recorder = makeRecorder(settings.stretchSeconds);
  const line = makeJobLine((waiting) => recorder.waiting(events.now(), waiting));
  const pool = makeReplicaPool({ events, line, recorder, random, settings: settings.worker });
  const jobs: SimulatedJob[] = [];
  const steps: ScaleStep[] = [];
  const { scale, lastsSeconds = 0 } = settings;
  let [replicas, state] = [0, initialScaleState];
  let [arrived, refused, scalerLooks] = [0, 0, 0];

  const arrive = () => {
    const now = events.now();
    arrived += 1;
    arriveNext();
    recorder.arrived(now);
    if (line.count() >= settings.maxQueued) {
      refused += 1;
      return;
    }
    const job: SimulatedJob = { arrivedAt: now, handBacks: 0 };
    jobs.push(job);
    line.put(job);
    pool.offer();
    recorder.waiting(now, line.waiting());
  };
  const arriveNext = () => {
    const at = arrivals[arrived];
    if (at !== undefined) events.at(at, arrive);
  };

  const isOver = () =>
    arrived === arrivals.length && line.count() === 0 && pool.alive() === 0 && events.now() >= lastsSeconds;
  const tick = (decide: typeof pollActivity, tickNumber: number, phase: number, every: number) => {
    const nowMs = Math.round(events.now() * 1_000);
    const decision = decide({ count: line.count(), current: replicas, nowMs, state, settings: scale });
    state = decision.state;
    // At zero the autoscaler has nothing to ask for.
    if (decide === pollActivity || replicas > 0) scalerLooks += 1;
    if (decision.replicas !== replicas) {
      replicas = decision.replicas;
      steps.push({ atSeconds: events.now(), replicas });
      pool.scaleTo(replicas);
    }
    const next = tickNumber + 1;
    if (!isOver()) events.at(phase + next * every, () => tick(decide, next, phase, every));
  };

  arriveNext();
  const { pollingSeconds, syncSeconds } = settings;
  events.at(phases.poll, () => tick(pollActivity, 0, phases.poll, pollingSeconds));
  events.at(phases.sync, () => tick(syncReplicas, 0, phases.sync, syncSeconds));
  while (!isOver() && events.next());
  return {
    ...{ ...recorder.timeline(lastsSeconds), ...pool.counts() },
    ...{ jobs, refused, scalerLooks, steps, endedAt: events.now() },
  };
}
