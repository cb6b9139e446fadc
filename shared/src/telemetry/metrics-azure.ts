// Metrics on their way to Application Insights: with the app's managed identity where the settings name one.
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { AzureMonitorMetricExporter } from '@azure/monitor-opentelemetry-exporter';
import { AggregationTemporality, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { messageOf } from '../errors.ts';
import type { MetricsOptions, MetricsSettings } from './metrics.ts';

/** @throws Error where the connection string holds no instrumentation key. */
export function openAzureExporter(
  connectionString: string,
  settings: MetricsSettings,
  log: MetricsOptions['log'],
): PushMetricExporter {
  // The library would report on itself to its maker.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= 'true';
  const credential = credentialIn(settings);
  // A disk that is read-only, or gone with the replica, keeps nothing for later.
  const exporter = new AzureMonitorMetricExporter({
    connectionString,
    disableOfflineStorage: true,
    ...(credential && { credential }),
  });
  return tellingFailures(exporter, log);
}

/** The SDK keeps to itself what could not be sent; who wonders why there is nothing to see finds one line for it. */
function tellingFailures(exporter: PushMetricExporter, log: MetricsOptions['log']): PushMetricExporter {
  let isFailing = false;
  return {
    export(values, done) {
      exporter.export(values, (result) => {
        const failed = result.error !== undefined || result.code !== 0;
        if (failed && !isFailing) log.warn('metrics.not_sent', { error: messageOf(result.error) });
        isFailing = failed;
        done(result);
      });
    },
    selectAggregationTemporality: (type) =>
      exporter.selectAggregationTemporality?.(type) ?? AggregationTemporality.DELTA,
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** None where the instrumentation key alone has to do. */
function credentialIn(settings: MetricsSettings): TokenCredential | undefined {
  const parts = (settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? '')
    .split(';')
    .map((part) => part.split('='));
  const named = Object.fromEntries(
    parts.map(([key = '', value = '']) => [key.trim().toLowerCase(), value.trim()]),
  );
  const clientId = named.clientid ?? settings.AZURE_CLIENT_ID;
  if (clientId !== undefined) return new ManagedIdentityCredential({ clientId });
  return named.authorization?.toLowerCase() === 'aad' ? new DefaultAzureCredential() : undefined;
}
