// The SDK behind the metrics: who reads them and how often. Loaded only where somebody does.
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  type IMetricReader,
  InstrumentType,
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
  constructor() {
    // Counts are of all time. A gauge shows what is observed now: the SDK would show for ever what was seen once.
    super({
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.OBSERVABLE_GAUGE
          ? AggregationTemporality.DELTA
          : AggregationTemporality.CUMULATIVE,
    });
  }
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
  const tidying = pull && push && setInterval(() => void takeIn(pull), exportEveryMs).unref();
  let isOver = false;
  return {
    async text(also = []) {
      if (!pull || isOver) return '';
      if (push) await takeIn(pull);
      const { resourceMetrics } = await pull.collect();
      return metricsText(resourceMetrics, also);
    },
    flush: () => atMost(mostFlushMs, push?.forceFlush()),
    stop: () => {
      isOver = true;
      clearInterval(tidying);
      return atMost(mostFlushMs, provider.shutdown());
    },
  };
}

/**
 * What one reader collects is kept for the other until that one collects, too: for ever, where nobody asks; and with it
 * what gauges have shown in the meantime.
 */
async function takeIn(reader: MetricReader): Promise<void> {
  await reader.collect().catch(() => {});
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
    log.warn('telemetry.not_started', { signal: 'metrics', exporter: 'azure_monitor', error });
    return undefined;
  }
}
