// The door to telemetry: what the apps switch on at their start, and what they measure with.
export type { Attributes, Meter } from '@opentelemetry/api';
export { type CountedHistogram, type Metrics, startMetrics } from './metrics.ts';
export { type Counted, countIn, stageBounds } from './metrics-buckets.ts';
export { countEvents } from './metrics-events.ts';
export { fleetMeter, ownMeter } from './metrics-meters.ts';
