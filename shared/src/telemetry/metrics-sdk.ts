// The SDK behind the metrics: who reads them and how often. Loaded only where somebody does.
import { metrics } from '@opentelemetry/api';
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
import { atMost, resourceOf } from './sender.ts';

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
export async function openMetrics(options: MetricsOptions): Promise<Metrics> {
  const pull = options.prometheus ? new PullReader() : undefined;
  const push = await readerForAzure(options);
  const provider = new MeterProvider({
    resource: resourceOf(options),
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

/** None where the settings name no place, or one that the exporter refuses: that disturbs nobody else. */
async function readerForAzure({ settings, log }: MetricsOptions): Promise<IMetricReader | undefined> {
  if (settings.APPLICATIONINSIGHTS_CONNECTION_STRING === undefined) return undefined;
  try {
    const { openAzureExporter } = await import('./metrics-azure.ts');
    return new PeriodicExportingMetricReader({
      exporter: openAzureExporter(settings, log),
      exportIntervalMillis: exportEveryMs,
      exportTimeoutMillis: exportEveryMs / 2,
    });
  } catch (error) {
    log.warn('telemetry.not_started', { error });
    return undefined;
  }
}
