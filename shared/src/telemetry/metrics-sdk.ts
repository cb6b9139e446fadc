// The SDK behind the metrics: who reads them and how often. Loaded only where somebody does.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationType,
  type IMetricReader,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { Metrics, MetricsOptions } from './metrics.ts';
import { histogramBounds } from './metrics-buckets.ts';
import { metricsText } from './metrics-text.ts';

/** The last values hold up no process for longer. */
const mostFlushMs = 2_000;
const exportEveryMs = 60_000;

/** Gives its values to whoever asks; nobody is sent any. */
class PullReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

const views = Object.entries(histogramBounds).map(([instrumentName, bounds]) => ({
  instrumentName,
  aggregation: {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM as const,
    options: { boundaries: [...bounds] },
  },
}));

/** Makes the process's own provider of meters, for all of it. */
export async function openMetrics({
  serviceName,
  settings,
  prometheus,
  log,
}: MetricsOptions): Promise<Metrics> {
  const pull = prometheus ? new PullReader() : undefined;
  const push = await readerForAzure(settings, log);
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.instance.id': randomUUID() }),
    views,
    readers: [pull, push].filter((one) => one !== undefined),
  });
  metrics.setGlobalMeterProvider(provider);
  return {
    async text(also = []) {
      if (!pull) return '';
      const { resourceMetrics } = await pull.collect();
      return metricsText(resourceMetrics, also);
    },
    flush: () => atMost(mostFlushMs, push?.forceFlush()),
    stop: () => atMost(mostFlushMs, provider.shutdown()),
  };
}

async function readerForAzure(
  settings: MetricsOptions['settings'],
  log: MetricsOptions['log'],
): Promise<IMetricReader | undefined> {
  if (settings.APPLICATIONINSIGHTS_CONNECTION_STRING === undefined) return undefined;
  const { openAzureExporter } = await import('./metrics-azure.ts');
  const exporter = openAzureExporter(settings.APPLICATIONINSIGHTS_CONNECTION_STRING, settings, log);
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: exportEveryMs,
    exportTimeoutMillis: exportEveryMs / 2,
  });
}

/** What cannot be sent is lost: the next values come soon, and no job waits for them. */
async function atMost(ms: number, sending: Promise<void> | undefined): Promise<void> {
  const over = new AbortController();
  const time = delay(ms, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([sending?.catch(() => {}), time]);
  over.abort();
}
