// A receiver that has answered 410 wants to hear no more of this job.
import {
  type DeliveryRecord,
  type DocumentStore,
  deliveryName,
  everyDocument,
  type Job,
} from '@impasto/shared';

type Deliveries = DocumentStore<DeliveryRecord>;

/** Whether another event of the job was met with 410, and nobody has asked for this one. */
export async function isDisabledFor(
  deliveries: Deliveries,
  job: Job,
  delivery: DeliveryRecord,
): Promise<boolean> {
  if (delivery.round > 0) return false;
  // Most jobs have one event to tell of: these need no look.
  if (job.replays === 0 && !job.webhook?.events.includes('job.started')) return false;
  for await (const { name } of everyDocument(deliveries, `${job.jobId}/`)) {
    if (name === deliveryName(delivery)) continue;
    if ((await deliveries.get(name))?.value.state === 'disabled') return true;
  }
  return false;
}
