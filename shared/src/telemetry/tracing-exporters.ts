// Where spans go: each exporter is loaded when a setting asks for it, and says once that it fails.
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logger.ts';
import type { TelemetrySettings } from '../telemetry-environment.ts';
import { makeOutage, type Outage } from './outage.ts';

/** One that refuses its setting is noted in the log, and left out: the others send all the same. */
export async function openExporters(settings: TelemetrySettings, log: Logger): Promise<SpanExporter[]> {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING, OTEL_EXPORTER_OTLP_ENDPOINT, TRACE_FILE } = settings;
  const opened = await Promise.all([
    APPLICATIONINSIGHTS_CONNECTION_STRING !== undefined &&
      opening('azure_monitor', log, () => openAzureMonitor(settings, log)),
    OTEL_EXPORTER_OTLP_ENDPOINT !== undefined &&
      opening('otlp', log, () => openOtlp(OTEL_EXPORTER_OTLP_ENDPOINT, log)),
    TRACE_FILE !== undefined && opening('file', log, () => openFile(TRACE_FILE, log)),
  ]);
  return opened.filter((one) => one !== false && one !== undefined);
}

async function opening(exporter: string, log: Logger, open: () => Promise<SpanExporter>) {
  try {
    return await open();
  } catch (error) {
    log.warn('telemetry.not_started', { signal: 'traces', exporter, error });
    return undefined;
  }
}

async function openAzureMonitor(settings: TelemetrySettings, log: Logger): Promise<SpanExporter> {
  const { azureMonitorOptions } = await import('./azure-monitor.ts');
  const { AzureMonitorTraceExporter } = await import('@azure/monitor-opentelemetry-exporter');
  return namingRequests(new AzureMonitorTraceExporter(azureMonitorOptions(settings, log)));
}

async function openOtlp(endpoint: string, log: Logger): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const url = `${endpoint.replace(/(?<!\/)\/+$/, '')}/v1/traces`;
  return speaking(new OTLPTraceExporter({ url }), makeOutage('otlp', log));
}

async function openFile(file: string, log: Logger): Promise<SpanExporter> {
  const { makeSpanFile } = await import('./tracing-file.ts');
  return speaking(makeSpanFile(file), makeOutage('file', log));
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
