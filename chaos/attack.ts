// The loaded part of a round: callers submit while the faults of the plan happen, neither far ahead of the other.
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientCall } from '@impasto/shared/check';
import type { Random } from '../scripts/lib/random.ts';
import { pollNowAndThen, submitOne } from './clients.ts';
import type { Cluster } from './cluster.ts';
import { planFaults } from './fault-plan.ts';
import type { Ledger } from './ledger.ts';
import type { ChaosOptions } from './options.ts';
import { makePictureBodies } from './pictures.ts';
import type { FaultRunner } from './process-faults.ts';

/** Callers that submit side by side, for each worker: under faults a submission takes longer than a small picture. */
const submittersPerWorker = 3;
/** Jobs that are open at the same time, for each worker: the queue is never empty and never grows. */
const openPerWorker = 8;
const pollEveryMs = 200;
/** Faults that may be under way at the same time, however few workers there are. */
const leastFaultsAtOnce = 4;

interface AttackOptions {
  readonly options: ChaosOptions;
  readonly cluster: Cluster;
  readonly ledger: Ledger;
  readonly faults: FaultRunner;
  readonly history: ClientCall[];
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Resolves when all jobs are accepted and all faults have happened. */
export async function attack(needs: AttackOptions): Promise<void> {
  const { options, cluster, ledger, faults, history, random } = needs;
  const bodies = await makePictureBodies(options.side);
  const plan = planFaults(options, random.fork());
  const over = new AbortController();
  const signal = AbortSignal.any([needs.signal, over.signal]);
  const client = { apiUrl: cluster.apiUrl, bodies, ledger, history, random: random.fork(), signal };
  const polling = pollNowAndThen(client, pollEveryMs);
  const { promise: broken, reject } = Promise.withResolvers<never>();
  const submitters = submittersPerWorker * options.workers;
  const faultsAtOnce = Math.max(leastFaultsAtOnce, Math.ceil(options.workers / 2));
  const running = new Set<Promise<void>>();
  let begun = 0;

  async function keepBreaking(): Promise<void> {
    for (const { kind, atJob } of plan) {
      while (begun < atJob || running.size >= faultsAtOnce) await delay(20, undefined, { signal });
      const fault: Promise<void> = faults.run(kind).finally(() => running.delete(fault));
      fault.catch(reject);
      running.add(fault);
    }
    await Promise.all(running);
  }

  async function keepSubmitting(): Promise<void> {
    while (begun < options.jobs) {
      const mayGoOn = ledger.openCount < options.workers * openPerWorker && running.size < faultsAtOnce;
      if (!mayGoOn) {
        await delay(20, undefined, { signal });
        continue;
      }
      begun += 1;
      await submitOne(client);
    }
  }

  try {
    const all = [keepBreaking(), ...Array.from({ length: submitters }, keepSubmitting)];
    await Promise.race([Promise.all(all), broken]);
  } finally {
    over.abort();
    await polling;
  }
}
