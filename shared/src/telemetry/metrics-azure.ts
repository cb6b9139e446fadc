// Metrics on their way to Application Insights.
import { AzureMonitorMetricExporter } from '@azure/monitor-opentelemetry-exporter';
import type { Logger } from '../logger.ts';
import type { TelemetrySettings } from '../telemetry-environment.ts';
import { azureMonitorOptions } from './azure-monitor.ts';

/** @throws Error where the connection string holds no instrumentation key. */
export function openAzureExporter(settings: TelemetrySettings, log: Logger): AzureMonitorMetricExporter {
  return new AzureMonitorMetricExporter(azureMonitorOptions(settings, log));
}
