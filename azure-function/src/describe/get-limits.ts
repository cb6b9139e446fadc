// GET /api/limits: what a caller may ask for, so that nobody has to find out by refusals.
import { type LimitsFacts, limitsView } from '@impasto/shared';
import type { OfferedModel } from '../config.ts';
import type { Handler } from '../http/respond.ts';

interface Settings extends Pick<LimitsFacts, 'max_queued' | 'webhooks_enabled'> {
  readonly models: readonly OfferedModel[];
}

export function makeGetLimits({ models, ...facts }: Settings): Handler {
  const offered = models.map(({ name, version = null }) => ({ name, version }));
  return async () => ({ jsonBody: limitsView({ ...facts, models: offered }) });
}
