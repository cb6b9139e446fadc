// How telemetry gets to Application Insights: with a managed identity where there is one, without a disk, and without
// telling anybody else how it goes.
import type { TokenCredential } from '@azure/identity';
import type { AzureMonitorExporterOptions } from '@azure/monitor-opentelemetry-exporter';
import { makeCredential } from '../azure/credential.ts';
import type { Logger } from '../logger.ts';
import type { TelemetrySettings } from '../telemetry-environment.ts';
import { makeOutage, type Outage } from './outage.ts';

/**
 * Options of the exporters for traces and for metrics.
 * @param log hears when telemetry does not get through: the exporter itself reports as sent what it cannot keep on a disk.
 */
export function azureMonitorOptions(settings: TelemetrySettings, log: Logger): AzureMonitorExporterOptions {
  // The exporter's own reports about itself, to addresses that nobody here has chosen; it knows no option for them.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= 'true';
  const credential = credentialFor(settings);
  return {
    connectionString: settings.APPLICATIONINSIGHTS_CONNECTION_STRING ?? '',
    // The file system is read-only, and what is lost in an outage is telemetry.
    disableOfflineStorage: true,
    additionalPolicies: [{ position: 'perCall', policy: noting(makeOutage('azure_monitor', log)) }],
    ...(credential && { credential }),
  };
}

type Policy = NonNullable<AzureMonitorExporterOptions['additionalPolicies']>[number]['policy'];

/** Sees what comes of a request after its last try. */
function noting(outage: Outage): Policy {
  return {
    name: 'impasto-outage',
    sendRequest: async (request, next) => {
      try {
        const response = await next(request);
        if (response.status < 400) outage.passed();
        else outage.failed(new Error(`answered with ${response.status}`));
        return response;
      } catch (error) {
        outage.failed(error);
        throw error;
      }
    },
  };
}

/** None where no setting names an identity: then the key in the connection string has to do. */
function credentialFor({
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: asked,
  AZURE_CLIENT_ID,
}: TelemetrySettings): TokenCredential | undefined {
  const parts = new Map(asked?.split(';').map(nameAndValue));
  const clientId = parts.get('clientid') ?? AZURE_CLIENT_ID;
  if (parts.get('authorization')?.toLowerCase() !== 'aad' && clientId === undefined) return undefined;
  return makeCredential(clientId);
}

function nameAndValue(part: string): [string, string] {
  const [name = '', ...value] = part.split('=');
  return [name.trim().toLowerCase(), value.join('=').trim()];
}
