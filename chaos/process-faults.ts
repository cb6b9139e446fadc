// What happens to processes, messages and the storage as a whole, each carried out on whoever is up.
import { setTimeout as delay } from 'node:timers/promises';
import { JobError, jobMessageSchema, messageFor } from '@impasto/shared';
import type { Point } from '@impasto/shared/testing/fault-proxy';
import type { Random } from '../scripts/lib/random.ts';
import type { Ambushes } from './ambush.ts';
import { type Cluster, leaseSeconds } from './cluster.ts';
import type { ProcessFault } from './fault-plan.ts';
import type { Ledger } from './ledger.ts';
import type { Victim } from './processes.ts';

interface FaultRecord {
  readonly counts: Record<ProcessFault, number>;
  /** Seconds from SIGTERM to the end, of each worker. */
  readonly terminationSeconds: number[];
  /** Workers that did not end as they should when asked to. */
  readonly badTerminations: string[];
}

interface FaultOptions {
  readonly cluster: Cluster;
  readonly ambushes: Ambushes;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface FaultRunner {
  readonly record: FaultRecord;
  /** Has the fault happen; resolves when its effect is over, and also when the run is ended before. */
  run(kind: ProcessFault): Promise<void>;
}

export const longestTerminationSeconds = 50;
const ambushMs = 10_000;

const workerPoints: readonly Point[] = [
  'received',
  'record.read',
  'claimed',
  'inputs.fetched',
  'progressed',
  'renewed',
  'result.put',
  'committed',
  'message.deleted',
  'failed',
  'dead.recorded',
  'retried',
];
const submitPoints: readonly Point[] = ['inputs.1', 'inputs.2', 'record.created', 'message.sent'];

export function makeFaultRunner({ cluster, ambushes, ledger, random, signal }: FaultOptions): FaultRunner {
  const { workers, host, azurite, storage } = cluster;
  const attacked = new Set<Victim>();
  const record: FaultRecord = {
    counts: {
      'worker killed at a call': 0,
      'worker killed at any time': 0,
      'host killed in a submission': 0,
      'worker stalled past its lease': 0,
      'worker asked to end': 0,
      'message doubled': 0,
      'message lost': 0,
      'storage paused': 0,
    },
    terminationSeconds: [],
    badTerminations: [],
  };
  let pausing = Promise.resolve();

  /** One attack at a time for each process, and only on one that is up. */
  async function attack(
    candidates: readonly Victim[],
    isUp: (victim: Victim) => boolean,
    act: (victim: Victim) => Promise<void>,
  ): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const free = candidates.filter((victim) => !attacked.has(victim) && isUp(victim));
      if (free.length > 0) {
        const victim = random.pick(free);
        attacked.add(victim);
        return await act(victim).finally(() => attacked.delete(victim));
      }
      await delay(50, undefined, { signal });
    }
  }

  const anyWorker = (act: (worker: Victim) => Promise<void>) => attack(workers, cluster.isUp, act);

  function kill(victim: Victim): void {
    ledger.killed(victim.name);
    victim.kill(random.chance(0.5));
  }

  async function killAtCall(victim: Victim, points: readonly Point[]): Promise<void> {
    const phase = random.pick(['before', 'after'] as const);
    const ambush = { client: victim.name, point: random.pick(points), phase, callGoesOn: false };
    const struck = await ambushes.lay({ ...ambush, strike: () => kill(victim) }, ambushMs);
    if (!struck) kill(victim);
  }

  async function stall(worker: Victim): Promise<void> {
    const ambush = {
      client: worker.name,
      point: random.pick([
        'claimed',
        'inputs.fetched',
        'result.put',
        'committed',
        'message.deleted',
      ] as const),
      phase: random.pick(['before', 'after'] as const),
      callGoesOn: true,
    };
    const struck = await ambushes.lay({ ...ambush, strike: worker.suspend }, ambushMs);
    if (!struck) worker.suspend();
    await delay(1_000 * leaseSeconds * random.between(1.2, 2.5), undefined, { signal }).finally(
      worker.resume,
    );
  }

  async function terminate(worker: Victim): Promise<void> {
    await delay(random.between(0, 500), undefined, { signal });
    // Killed in the meantime: its successor hears no signal before it is loaded.
    if (!cluster.isUp(worker)) return;
    const { code, signal: by, seconds } = await worker.terminate();
    record.terminationSeconds.push(seconds);
    const struckDown = by === 'SIGKILL' && seconds < longestTerminationSeconds;
    if (struckDown || (code === 0 && seconds <= longestTerminationSeconds)) return;
    record.badTerminations.push(
      `${worker.name}: exit code ${code}, signal ${by}, after ${seconds.toFixed(1)} s`,
    );
  }

  async function doubleMessage(): Promise<void> {
    const recent = ledger.recent();
    if (recent.length === 0) return;
    try {
      const stored = await storage.jobs.get(random.pick(recent));
      if (stored) await storage.queue.send(messageFor(stored.job));
    } catch (error) {
      // A caller has removed it in the meantime.
      if (!(error instanceof JobError && error.code === 'job_gone')) throw error;
    }
  }

  /** Takes a message out of the queue for good, as if it had never got there. */
  async function loseMessage(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      signal.throwIfAborted();
      const message = await storage.queue.receive(5);
      if (!message) {
        await delay(50, undefined, { signal });
        continue;
      }
      if (!jobMessageSchema.safeParse(JSON.parse(message.text)).success) continue;
      return await message.remove();
    }
  }

  async function pauseStorage(): Promise<void> {
    const seconds = random.chance(0.1)
      ? random.between(15, 30)
      : random.between(2, random.chance(0.3) ? 15 : 5);
    azurite.suspend();
    await delay(1_000 * seconds, undefined, { signal }).finally(azurite.resume);
    await delay(500, undefined, { signal });
  }

  const actions: Record<ProcessFault, () => Promise<void>> = {
    'worker killed at a call': () => anyWorker((worker) => killAtCall(worker, workerPoints)),
    'worker killed at any time': () =>
      anyWorker(async (worker) => {
        await delay(random.between(0, 1_000), undefined, { signal });
        kill(worker);
      }),
    'host killed in a submission': () =>
      attack(
        [host],
        () => true,
        (victim) => killAtCall(victim, submitPoints),
      ),
    'worker stalled past its lease': () => anyWorker(stall),
    'worker asked to end': () => anyWorker(terminate),
    'message doubled': doubleMessage,
    'message lost': loseMessage,
    'storage paused': () => {
      pausing = pausing.then(pauseStorage);
      return pausing;
    },
  };

  return {
    record,
    async run(kind) {
      try {
        await actions[kind]();
        record.counts[kind] += 1;
      } catch (error) {
        // The storage was away just then: what should have happened to a message did not.
        const unavailable = error instanceof JobError && error.code === 'storage_unavailable';
        if (!signal.aborted && !unavailable) throw error;
      }
    },
  };
}
