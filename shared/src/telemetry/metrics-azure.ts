// Metrics on their way to Application Insights: with the app's managed identity where the settings name one.
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { AzureMonitorMetricExporter } from '@azure/monitor-opentelemetry-exporter';
import type { MetricsSettings } from './metrics.ts';

/** @throws Error where the connection string holds no instrumentation key. */
export function openAzureExporter(
  connectionString: string,
  settings: MetricsSettings,
): AzureMonitorMetricExporter {
  // The library would report on itself to its maker.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= 'true';
  const credential = credentialIn(settings);
  // A disk that is read-only, or gone with the replica, keeps nothing for later.
  return new AzureMonitorMetricExporter({
    connectionString,
    disableOfflineStorage: true,
    ...(credential && { credential }),
  });
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
