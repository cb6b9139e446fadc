// The function's metrics, begun when they are first needed: a cold start waits for nothing that only its operator reads.
import { setTimeout as delay } from 'node:timers/promises';
import { type Metrics, ownMeter, startMetrics } from '@impasto/shared/telemetry';
import type { Fleet } from './fleet.ts';
import { observeFleet } from './fleet-gauges.ts';

export interface Telemetry extends Metrics {
  /** @param seconds undefined where the request had wished to wait for its job. */
  submitted(labels: { readonly kind: 'job' | 'batch'; readonly outcome: string }, seconds?: number): void;
}

type Settings = Omit<Parameters<typeof startMetrics>[0], 'prometheus'>;

/** Loading the SDK holds up the event loop, so a new instance sends its first answer before. */
const answerMs = 200;

/**
 * `telemetry` begins with its first call and is the same ever after; `afterAnswer` begins it a moment later; `end` sends
 * the last values of what has begun.
 */
export function makeTelemetry(settings: Settings, fleet: Pick<Fleet, 'current'>) {
  let begun: Promise<Telemetry> | undefined;
  const telemetry = (): Promise<Telemetry> => {
    begun ??= begin(settings, fleet);
    return begun;
  };
  const afterAnswer = async (): Promise<Telemetry> => {
    if (begun === undefined) await delay(answerMs, undefined, { ref: false });
    return await telemetry();
  };
  return { telemetry, afterAnswer, end: async () => await (await begun)?.stop() };
}

async function begin(settings: Settings, fleet: Pick<Fleet, 'current'>): Promise<Telemetry> {
  const metrics = await startMetrics({ ...settings, prometheus: true });
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
