// Metrics of a process: switched on here, made by whoever measures through the API of OpenTelemetry, which does nothing
// where nobody has switched them on. The SDK is loaded only where somebody wants to see them.
import type { Logger } from '../logger.ts';
import type { Counted } from './metrics-buckets.ts';
import type { Sender } from './sender.ts';

export interface MetricsOptions extends Sender {
  /** Whether `text` will be asked for. */
  readonly prometheus: boolean;
  /** Told once when values can no longer be sent. */
  readonly log: Logger;
}

/** A histogram that others have counted, by the bounds of `stageBounds`. */
export interface CountedSeries extends Counted {
  readonly labels: Readonly<Record<string, string>>;
}

export interface CountedHistogram {
  /** As an instrument's: `impasto.job.stage.duration`. */
  readonly name: string;
  readonly description: string;
  readonly series: readonly CountedSeries[];
}

export interface Metrics {
  /**
   * All values as Prometheus reads them (text format 0.0.4); empty where `prometheus` was not asked for, and once `stop`
   * was called. What is measured by `fleetMeter` belongs to no process; everything else has the label
   * `service_instance_id`.
   */
  text(also?: readonly CountedHistogram[]): Promise<string>;
  /** Sends what there is, for a process that may be frozen next. Takes 2 seconds at most, and never rejects. */
  flush(): Promise<void>;
  /** Sends the last values and ends. Takes 2 seconds at most, and never rejects. */
  stop(): Promise<void>;
}

const noMetrics: Metrics = { text: async () => '', flush: async () => {}, stop: async () => {} };

/** Instruments that are made before this has resolved stay silent. Once per process. */
export async function startMetrics(options: MetricsOptions): Promise<Metrics> {
  const isWanted = options.prometheus || options.settings.APPLICATIONINSIGHTS_CONNECTION_STRING !== undefined;
  if (!isWanted) return noMetrics;
  const { openMetrics } = await import('./metrics-sdk.ts');
  return await openMetrics(options);
}
