// Where spans go: each exporter is loaded when a setting asks for it, and speaks once when it fails.
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { TelemetrySettings } from '../telemetry-environment.ts';

/** @throws Error where an exporter refuses its setting. */
export async function openExporters(settings: TelemetrySettings, log: Logger): Promise<SpanExporter[]> {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING, OTEL_EXPORTER_OTLP_ENDPOINT, TRACE_FILE } = settings;
  const exporters: SpanExporter[] = [];
  if (APPLICATIONINSIGHTS_CONNECTION_STRING !== undefined) {
    const { azureMonitorOptions } = await import('./azure-monitor.ts');
    const { AzureMonitorTraceExporter } = await import('@azure/monitor-opentelemetry-exporter');
    const exporter = new AzureMonitorTraceExporter(azureMonitorOptions(settings));
    exporters.push(speakingOnce('azure_monitor', exporter, log));
  }
  if (OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const url = `${OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '')}/v1/traces`;
    exporters.push(speakingOnce('otlp', new OTLPTraceExporter({ url }), log));
  }
  if (TRACE_FILE !== undefined) {
    const { makeSpanFile } = await import('./tracing-file.ts');
    exporters.push(speakingOnce('file', makeSpanFile(TRACE_FILE), log));
  }
  return exporters;
}

/** Says that it fails when it begins to: an outage of an hour is one line, not thousands. */
export function speakingOnce(name: string, exporter: SpanExporter, log: Logger): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed && !failing) {
          log.warn('telemetry.export_failed', {
            exporter: name,
            error: messageOf(result.error ?? 'refused'),
          });
        }
        failing = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
