// The last look at the whole service as gauges. They are asked for their values when somebody collects them, and have none
// once that look is too old.
import { fleetMeter, type Meter } from '@impasto/shared/telemetry';
import type { Fleet } from './fleet.ts';
import type { Observation } from './observation.ts';

type Value = readonly [value: number, labels?: Readonly<Record<string, string>>];

interface Gauge {
  readonly name: string;
  readonly description: string;
  readonly unit?: string;
  readonly valuesOf: (seen: Observation) => readonly Value[];
}

/** As the queue is named in the storage. */
const queues = { jobs: 'style-jobs', webhooks: 'webhooks' } as const;

const gauges: readonly Gauge[] = [
  {
    name: 'impasto.jobs',
    description: 'Jobs whose records are kept, by status; failed ones by error code',
    valuesOf: ({ jobs }) =>
      jobs.map(({ status, reason, count }) => [count, { status, ...(reason !== undefined && { reason }) }]),
  },
  {
    name: 'impasto.queue.depth',
    description: 'About how many messages a queue holds, those being worked on included',
    valuesOf: ({ depth }) => [
      [depth.jobs, { queue: queues.jobs }],
      [depth.webhooks, { queue: queues.webhooks }],
    ],
  },
  {
    name: 'impasto.queue.oldest_age',
    description: 'Seconds since the record was last written of the queued job that has waited longest',
    unit: 's',
    valuesOf: ({ oldestQueuedSeconds }) => [[oldestQueuedSeconds, { queue: queues.jobs }]],
  },
  {
    name: 'impasto.dead_letters.open',
    description: 'Dead letters that nobody has replayed or thrown away',
    valuesOf: ({ openLetters }) => [[openLetters]],
  },
  {
    name: 'impasto.poison_messages',
    description: 'Messages about webhooks that the Functions host has given up',
    valuesOf: ({ poisonMessages }) => [[poisonMessages]],
  },
  {
    name: 'impasto.replicas',
    description: 'Workers that have reported within 45 seconds, by state and execution provider',
    valuesOf: ({ replicas }) =>
      replicas.map(({ state, executionProvider, count }) => [
        count,
        { state, execution_provider: executionProvider },
      ]),
  },
  {
    name: 'impasto.model.load.duration',
    description:
      'From the start of the engine process to a model that is loaded and warm, of the worker seen last',
    unit: 's',
    valuesOf: ({ modelLoads }) => modelLoads.map(({ model, seconds }) => [seconds, { model }]),
  },
  {
    name: 'impasto.metrics.truncated',
    description: '1 where there were more records or dead letters than were counted',
    valuesOf: ({ truncated }) => [[truncated ? 1 : 0]],
  },
];

/** Once per process, after `startMetrics`. */
export function observeFleet(fleet: Pick<Fleet, 'current'>, meter: Meter = fleetMeter()): void {
  for (const { name, description, unit, valuesOf } of gauges) {
    const gauge = meter.createObservableGauge(name, { description, ...(unit !== undefined && { unit }) });
    gauge.addCallback((result) => {
      const seen = fleet.current();
      for (const [value, labels] of seen ? valuesOf(seen) : []) result.observe(value, labels);
    });
  }
}
