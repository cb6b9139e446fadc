// A delivery as its caller gets to see it.
import type { DeliveryRecord, DeliveryView } from '@impasto/shared';
import { linksFrom } from '../jobs/job-links.ts';
import { webhookIdOf } from './delivery.ts';

/** @param origin of the request: the links begin with it. */
export function deliveryView(origin: string, delivery: DeliveryRecord): DeliveryView {
  const { jobId, deliveryId } = delivery;
  return {
    delivery_id: deliveryId,
    event: delivery.event,
    webhook_id: webhookIdOf(delivery),
    state: delivery.state,
    created_at: delivery.at,
    next_attempt_at: delivery.nextAttemptAt ?? null,
    attempts: delivery.attempts.map(({ at, httpStatus, error, latencyMs }) => ({
      at,
      http_status: httpStatus ?? null,
      error: error ?? null,
      latency_ms: latencyMs,
    })),
    urls: { redeliver: `${linksFrom(origin, jobId).deliveries}/${encodeURIComponent(deliveryId)}/redeliver` },
  };
}
