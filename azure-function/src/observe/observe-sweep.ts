// What a sweep has seen anyway becomes metrics, and a line of the log: alerts may stand on either.
import { type CallOptions, type Logger, messageOf } from '@impasto/shared';
import type { Snapshot } from '../sweep/snapshot.ts';
import type { Fleet } from './fleet.ts';
import { lookAtQueuesAndWorkers, type ObservedStorage } from './look-at-all.ts';
import { type Observation, summarise } from './observation.ts';
import type { Telemetry } from './telemetry.ts';

interface Dependencies extends Pick<ObservedStorage, 'queue' | 'notices' | 'poison' | 'workers'> {
  readonly fleet: Pick<Fleet, 'seen'>;
  readonly telemetry: () => Promise<Pick<Telemetry, 'flush'>>;
  readonly log: Logger;
}

/** Of a snapshot of everything. Never rejects: nothing is repaired the less for it. */
export type ObserveSweep = (snapshot: Snapshot, options: CallOptions) => Promise<void>;

/** Sends the metrics at once: the instance may be frozen after the sweep. */
export function makeObserveSweep({ fleet, telemetry, log, ...storage }: Dependencies): ObserveSweep {
  return async ({ jobs, letters }, options) => {
    try {
      const { flush } = await telemetry();
      const rest = await lookAtQueuesAndWorkers(storage, options);
      const all = [...letters.values()].flat();
      const observation = summarise({ ...rest, jobs: jobs.values(), letters: all, truncated: false });
      fleet.seen(observation);
      log.info('service.observed', fieldsOf(observation));
      await flush();
    } catch (error) {
      log.warn('service.not_observed', { error: messageOf(error) });
    }
  };
}

function fieldsOf(seen: Observation) {
  const { jobs, depth, oldestQueuedSeconds, poisonMessages, openLetters, replicas } = seen;
  return {
    jobs: Object.fromEntries(
      jobs.map(({ status, reason, count }) => [reason === undefined ? status : `${status}:${reason}`, count]),
    ),
    ...{ depth, oldestQueuedSeconds, poisonMessages, openLetters },
    replicas: replicas.filter(({ count }) => count > 0),
  };
}
