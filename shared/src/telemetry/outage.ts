// What is said of telemetry that does not get through: one line when that begins, not thousands while it lasts.
import { messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';

export interface Outage {
  failed(error: unknown): void;
  passed(): void;
}

/** @param exporter its name in the log. */
export function makeOutage(exporter: string, log: Logger): Outage {
  let lasts = false;
  return {
    failed: (error) => {
      if (!lasts) log.warn('telemetry.export_failed', { exporter, error: messageOf(error) });
      lasts = true;
    },
    passed: () => {
      lasts = false;
    },
  };
}
