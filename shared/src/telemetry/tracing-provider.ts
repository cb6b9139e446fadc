// The SDK behind the spans: loaded only where tracing is on.
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { atMost, resourceOf } from './sender.ts';
import type { Tracing, TracingOptions } from './tracing.ts';
import { openExporters } from './tracing-exporters.ts';

/** A process may be gone soon after its last answer: little waits for longer than the first of the two. */
const batching = { scheduledDelayMillis: 1_000, exportTimeoutMillis: 10_000 };
/** A worker that is stopped has its job's last word to say in the same time. Whether it fails is noted by the exporters. */
const mostSendMs = 3_000;

export async function installTracing(options: TracingOptions): Promise<Tracing> {
  const { settings, log } = options;
  const exporters = await openExporters(settings, log);
  const provider = new NodeTracerProvider({
    resource: resourceOf(options),
    sampler: new ParentBasedSampler({
      root: new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG ?? 1),
    }),
    spanProcessors: exporters.map((exporter) => new BatchSpanProcessor(exporter, batching)),
  });
  // What goes from process to process is one line, which spans.ts reads and writes: no propagator has anything to do.
  provider.register({ propagator: null });
  return {
    flush: () => atMost(mostSendMs, provider.forceFlush()),
    stop: () => atMost(mostSendMs, provider.shutdown()),
  };
}
