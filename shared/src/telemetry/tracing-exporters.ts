// Where spans go: each exporter is loaded when a setting asks for it, and says once that it fails.
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logger.ts';
import type { TelemetrySettings } from '../telemetry-environment.ts';
import { makeOutage, type Outage } from './outage.ts';

/** @throws Error where an exporter refuses its setting. */
export async function openExporters(settings: TelemetrySettings, log: Logger): Promise<SpanExporter[]> {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING, OTEL_EXPORTER_OTLP_ENDPOINT, TRACE_FILE } = settings;
  const exporters: SpanExporter[] = [];
  if (APPLICATIONINSIGHTS_CONNECTION_STRING !== undefined) {
    const { azureMonitorOptions } = await import('./azure-monitor.ts');
    const { AzureMonitorTraceExporter } = await import('@azure/monitor-opentelemetry-exporter');
    exporters.push(namingRequests(new AzureMonitorTraceExporter(azureMonitorOptions(settings, log))));
  }
  if (OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const url = `${OTEL_EXPORTER_OTLP_ENDPOINT.replace(/(?<!\/)\/+$/, '')}/v1/traces`;
    exporters.push(speaking(new OTLPTraceExporter({ url }), makeOutage('otlp', log)));
  }
  if (TRACE_FILE !== undefined) {
    const { makeSpanFile } = await import('./tracing-file.ts');
    exporters.push(speaking(makeSpanFile(TRACE_FILE), makeOutage('file', log)));
  }
  return exporters;
}

/** The exporter makes a request of each message that is taken, but gives it no name unless an attribute says one. */
function namingRequests(exporter: SpanExporter): SpanExporter {
  const named = (span: ReadableSpan): ReadableSpan => {
    if (span.kind !== SpanKind.CONSUMER) return span;
    const attributes = { ...span.attributes, 'ai.operation.name': span.name };
    return Object.create(span, { attributes: { value: attributes, enumerable: true } });
  };
  return {
    export: (spans, done) => exporter.export(spans.map(named), done),
    shutdown: () => exporter.shutdown(),
  };
}

function speaking(exporter: SpanExporter, outage: Outage): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code === 0) outage.passed();
        else outage.failed(result.error ?? new Error('the spans were not taken'));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
