// What a notice comes to: an attempt that is due now, or nothing, because the job or its delivery has gone on.
import {
  type DeliveryRecord,
  type Documents,
  deliveryName,
  isDone,
  type Job,
  type JobStore,
  type JobWebhook,
  type Notice,
  type StoredDocument,
} from '@impasto/shared';
import { lookUp } from '../jobs/look-up.ts';
import { beginDelivery, closed } from './delivery.ts';
import { isDisabledFor } from './disabled.ts';
import { payloadText } from './webhook-payload.ts';

interface Dependencies extends Pick<Documents, 'deliveries'> {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly now?: () => Date;
}

/** An attempt that is to be made now. */
export interface Due {
  readonly delivery: DeliveryRecord;
  readonly version: string;
  readonly job: Job;
  readonly webhook: JobWebhook;
  readonly body: string;
}

/** What a notice comes to; `lost_next`: the message of the attempt after this one may be missing. */
export type Found =
  | { readonly kind: 'due'; readonly due: Due }
  | { readonly kind: 'lost_next'; readonly delivery: DeliveryRecord }
  | { readonly kind: 'dropped'; readonly reason: string };

/** @param dequeueCount how often the queue has handed this message out, from 1. */
export async function findDue(deps: Dependencies, notice: Notice, dequeueCount: number): Promise<Found> {
  const job = await lookUp(deps.jobs, notice.job_id, {});
  if (job === undefined || job === 'gone' || job.withdrawn || !job.webhook) return dropped('no such job');
  const found = await findDelivery(deps, job, notice);
  if (!found) return dropped('not the state of the job');
  const { value: delivery, version } = found;
  if (delivery.state !== 'pending') return dropped(delivery.state);
  if (delivery.round !== notice.round || delivery.triesInRound !== notice.attempt) {
    const follows = delivery.round === notice.round && delivery.triesInRound === notice.attempt + 1;
    return follows && dequeueCount > 1 ? { kind: 'lost_next', delivery } : dropped('another attempt is due');
  }
  const body = delivery.body ?? bodyOf(job, job.webhook, delivery);
  if (body === undefined || isPast(job, delivery)) return close(deps, found, 'failed');
  if (await isDisabledFor(deps.deliveries, job, delivery)) return close(deps, found, 'disabled');
  return { kind: 'due', due: { delivery, version, job, webhook: job.webhook, body } };
}

const dropped = (reason: string): Found => ({ kind: 'dropped', reason });

/** A delivery begins when its record does, and only while the record of the job shows what it is about. */
async function findDelivery(
  deps: Dependencies,
  job: Job,
  notice: Notice,
): Promise<StoredDocument<DeliveryRecord> | undefined> {
  const name = deliveryName({ jobId: notice.job_id, deliveryId: notice.delivery_id });
  // There already, as a rule: one whose lane is full comes many times, and a look is cheaper than a write.
  const found = await deps.deliveries.get(name);
  if (found || notice.round > 0 || notice.attempt > 0) return found;
  const begun = beginDelivery(job, deps.now?.() ?? new Date());
  if (begun?.deliveryId !== notice.delivery_id) return undefined;
  await deps.deliveries.create(name, begun);
  return await deps.deliveries.get(name);
}

async function close(
  deps: Dependencies,
  { value, version }: StoredDocument<DeliveryRecord>,
  state: 'failed' | 'disabled',
): Promise<Found> {
  await deps.deliveries.replace(deliveryName(value), closed(value, state), version);
  return dropped(state);
}

/** Of a delivery that somebody else began without one. */
function bodyOf(job: Job, webhook: JobWebhook, { deliveryId, event, at }: DeliveryRecord) {
  const isStill = beginDelivery(job, new Date())?.deliveryId === deliveryId;
  return isStill ? payloadText(job, webhook, event, at) : undefined;
}

/** That a job was begun is no news once it has ended, unless somebody has asked for it. */
function isPast(job: Job, { event, round }: DeliveryRecord): boolean {
  return event === 'job.started' && round === 0 && isDone(job);
}
