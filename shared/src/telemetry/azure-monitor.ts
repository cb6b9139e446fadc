// How telemetry gets to Application Insights: with a managed identity where there is one, without a disk, and without
// telling anybody else how it goes.
import { ManagedIdentityCredential } from '@azure/identity';
import type { AzureMonitorExporterOptions } from '@azure/monitor-opentelemetry-exporter';
import type { TelemetrySettings } from '../telemetry-environment.ts';

/** Options of the exporters for traces and for metrics. */
export function azureMonitorOptions(settings: TelemetrySettings): AzureMonitorExporterOptions {
  // The exporter's own reports about itself, to addresses that nobody here has chosen; it knows no option for them.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= 'true';
  const credential = credentialFor(settings);
  return {
    connectionString: settings.APPLICATIONINSIGHTS_CONNECTION_STRING ?? '',
    // The file system is read-only, and what is lost in an outage is telemetry.
    disableOfflineStorage: true,
    ...(credential && { credential }),
  };
}

/** None where no setting names an identity: then the key in the connection string has to do. */
function credentialFor({
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: asked,
  AZURE_CLIENT_ID,
}: TelemetrySettings): ManagedIdentityCredential | undefined {
  const parts = new Map(asked?.split(';').map(nameAndValue));
  const clientId = parts.get('clientid') ?? AZURE_CLIENT_ID;
  if (parts.get('authorization')?.toLowerCase() !== 'aad' && clientId === undefined) return undefined;
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId });
}

function nameAndValue(part: string): [string, string] {
  const [name = '', ...value] = part.split('=');
  return [name.trim().toLowerCase(), value.join('=').trim()];
}
