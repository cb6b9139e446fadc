// POST /api/jobs/{job_id}/deliveries/{delivery_id}/redeliver: tell the receiver again, now, and by the whole schedule.
//
// The record comes before the message. A crash in between leaves a delivery that is due without a message: the sweeper
// sends it. Messages of the round before are dropped when they come, so that there is one schedule.
import {
  type DeliveryRecord,
  type Documents,
  deliveryName,
  type Job,
  JobError,
  type JobQueue,
} from '@impasto/shared';
import type { Handler } from '../http/respond.ts';
import { jobIdOf, originOf } from '../jobs/job-links.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import { beginDelivery, isUnderWay, nextNotice, nextRound } from './delivery.ts';
import { deliveryView } from './delivery-view.ts';

interface Dependencies extends Pick<Documents, 'deliveries'> {
  readonly readJob: ReadJob;
  readonly notices: Pick<JobQueue, 'send'>;
}

/** Others may write between our read and our write, but not for ever. */
const maxTries = 5;

export function makeRedeliver(deps: Dependencies): Handler {
  return async (request) => {
    const { job } = await deps.readJob(jobIdOf(request));
    const delivery = await redeliver(deps, job, request.params.delivery_id ?? '');
    return { status: 202, jsonBody: deliveryView(originOf(request), delivery) };
  };
}

/** @returns the delivery as it stands now; one that is under way already is left to itself. */
async function redeliver(deps: Dependencies, job: Job, deliveryId: string): Promise<DeliveryRecord> {
  for (let count = 0; count < maxTries; count += 1) {
    const { delivery, isNew } = await renewed(deps.deliveries, job, deliveryId);
    if (isNew) await deps.notices.send(JSON.stringify(nextNotice(delivery)));
    if (isNew !== undefined) return delivery;
  }
  throw new JobError('storage_unavailable', `Expected to write delivery ${deliveryId}, others were quicker`);
}

/** `isNew` is undefined where somebody else wrote in between. */
async function renewed(
  deliveries: Dependencies['deliveries'],
  job: Job,
  deliveryId: string,
): Promise<{ delivery: DeliveryRecord; isNew: boolean | undefined }> {
  const now = new Date();
  const due = beginDelivery(job, now);
  const name = deliveryName({ jobId: job.jobId, deliveryId });
  const stored = isPlain(deliveryId) && job.webhook ? await deliveries.get(name) : undefined;
  if (stored) {
    if (isUnderWay(stored.value, now)) return { delivery: stored.value, isNew: false };
    const delivery = nextRound(stored.value, now);
    return { delivery, isNew: (await deliveries.replace(name, delivery, stored.version)) || undefined };
  }
  if (due?.deliveryId !== deliveryId) throw noSuchDelivery(deliveryId);
  return { delivery: due, isNew: (await deliveries.create(name, due)) || undefined };
}

/** What could be an id of ours is safe in a name of the storage. */
function isPlain(deliveryId: string): boolean {
  return /^job\.[a-z]{1,20}\.\d{1,9}$/.test(deliveryId);
}

function noSuchDelivery(deliveryId: string): JobError {
  const received = JSON.stringify(deliveryId.slice(0, 60));
  return new JobError(
    'delivery_not_found',
    `Expected the id of a delivery of this job, received ${received}`,
  );
}
