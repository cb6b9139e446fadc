// The function's metrics, begun when they are first needed: a cold start waits for nothing that only its operator reads.
import { type Metrics, ownMeter, startMetrics } from '@impasto/shared/telemetry';
import type { Fleet } from './fleet.ts';
import { observeFleet } from './fleet-gauges.ts';

export interface Telemetry extends Metrics {
  /** @param seconds undefined where the request had wished to wait for its job. */
  submitted(labels: { readonly kind: 'job' | 'batch'; readonly outcome: string }, seconds?: number): void;
}

/** @returns what begins with the first call and is the same ever after. */
export function makeTelemetry(
  settings: Parameters<typeof startMetrics>[0]['settings'],
  fleet: Pick<Fleet, 'current'>,
): () => Promise<Telemetry> {
  let begun: Promise<Telemetry> | undefined;
  return () => {
    begun ??= begin(settings, fleet);
    return begun;
  };
}

async function begin(
  settings: Parameters<typeof startMetrics>[0]['settings'],
  fleet: Pick<Fleet, 'current'>,
): Promise<Telemetry> {
  const metrics = await startMetrics({ serviceName: 'impasto-function', settings, prometheus: true });
  observeFleet(fleet);
  const meter = ownMeter();
  const submissions = meter.createCounter('impasto.submissions', {
    description: 'Submissions to this instance, by what became of them',
  });
  const duration = meter.createHistogram('impasto.submission.duration', {
    description:
      'Submissions from the first byte to the answer, without those that wished to wait for their job',
    unit: 's',
  });
  return {
    ...metrics,
    submitted({ kind, outcome }, seconds) {
      submissions.add(1, { kind, outcome });
      if (seconds !== undefined) duration.record(seconds, { kind });
    },
  };
}
