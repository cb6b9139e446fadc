// The door to telemetry: what the apps switch on at their start, what they measure with, and the spans they make. What is
// loaded with it is the API of OpenTelemetry alone: SDK and exporters come when a setting switches them on.
export type { Attributes, Meter } from '@opentelemetry/api';
export { type CountedHistogram, type Metrics, startMetrics } from './metrics.ts';
export { type Counted, countIn, stageBounds } from './metrics-buckets.ts';
export { countEvents } from './metrics-events.ts';
export { fleetMeter, ownMeter } from './metrics-meters.ts';
export { messaging, sendJob } from './send-job.ts';
export {
  addStages,
  currentSpan,
  failSpan,
  inSpan,
  passedOn,
  type Span,
  type SpanOptions,
  traceparentOf,
} from './spans.ts';
export { startTracing, type Tracing } from './tracing.ts';
export { readSpans, type WrittenSpan } from './written-span.ts';
