// The SDK behind the spans: loaded only where tracing is on.
import { setTimeout as delay } from 'node:timers/promises';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { Tracing, TracingOptions } from './tracing.ts';
import { openExporters } from './tracing-exporters.ts';

/** A process may be gone soon after its last answer: little waits for longer than the first of the two. */
const batching = { scheduledDelayMillis: 1_000, exportTimeoutMillis: 10_000 };
/** Of a stop: a worker has its job's last word to say in the same time. */
const longestStopMs = 3_000;

export async function installTracing(options: TracingOptions): Promise<Tracing> {
  const { serviceName, instanceId, settings, log } = options;
  const exporters = await openExporters(settings, log);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      [ATTR_SERVICE_NAME]: settings.OTEL_SERVICE_NAME ?? serviceName,
      [ATTR_SERVICE_INSTANCE_ID]: instanceId,
    }),
    sampler: new ParentBasedSampler({
      root: new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG ?? 1),
    }),
    spanProcessors: exporters.map((exporter) => new BatchSpanProcessor(exporter, batching)),
  });
  // What goes from process to process is one line, which spans.ts reads and writes: no propagator has anything to do.
  provider.register({ propagator: null });
  return {
    flush: () => inTime(provider.forceFlush()),
    stop: () => inTime(provider.shutdown()),
  };
}

/** Whether it fails is noted by the exporters. */
async function inTime(work: Promise<void>): Promise<void> {
  await Promise.race([work.catch(() => {}), delay(longestStopMs, undefined, { ref: false })]);
}
