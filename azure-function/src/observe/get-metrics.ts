// GET /api/metrics: the whole service and this instance, as Prometheus reads them.
import type { Handler } from '../http/respond.ts';
import type { Fleet } from './fleet.ts';
import { stageHistogram } from './stage-histogram.ts';
import type { Telemetry } from './telemetry.ts';

interface Dependencies {
  readonly fleet: Pick<Fleet, 'fresh'>;
  readonly telemetry: () => Promise<Pick<Telemetry, 'text'>>;
}

export function makeGetMetrics({ fleet, telemetry }: Dependencies): Handler {
  return async () => {
    const [{ workers }, { text }] = await Promise.all([fleet.fresh(), telemetry()]);
    return {
      body: await text([stageHistogram(workers)]),
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
    };
  };
}
