// The door to telemetry. What is loaded with it is the API of OpenTelemetry alone: SDK and exporters come when a setting
// switches them on.
export { messaging, sendJob } from './send-job.ts';
export {
  addStages,
  currentSpan,
  failSpan,
  inSpan,
  type Span,
  type SpanAttributes,
  type SpanOptions,
  traceparentOf,
} from './spans.ts';
export { startTracing, type Tracing } from './tracing.ts';
export { readSpans, type WrittenSpan } from './written-span.ts';
