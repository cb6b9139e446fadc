// Traces on or off. Off, which is how it starts where no setting names a place for them, nothing is loaded and every
// span is one that does nothing.
import type { Logger } from '../logger.ts';
import type { Sender } from './sender.ts';

export interface Tracing {
  /** Sends what has ended so far. Never rejects. */
  flush(): Promise<void>;
  /** Sends the rest, for a few seconds at most, and ends it. Never rejects. */
  stop(): Promise<void>;
}

export interface TracingOptions extends Sender {
  readonly log: Logger;
}

const off: Tracing = { flush: async () => {}, stop: async () => {} };

/**
 * Installs tracing for the whole process, where the settings say so. Nothing that goes wrong with it disturbs the
 * service: an exporter that fails, or cannot be started, is noted in the log.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { settings, log } = options;
  const places = [
    settings.APPLICATIONINSIGHTS_CONNECTION_STRING,
    settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    settings.TRACE_FILE,
  ];
  if (places.every((place) => place === undefined)) return off;
  try {
    const { installTracing } = await import('./tracing-provider.ts');
    return await installTracing(options);
  } catch (error) {
    log.warn('telemetry.not_started', { signal: 'traces', error });
    return off;
  }
}
