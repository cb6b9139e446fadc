// GET /api/jobs/{job_id}/deliveries: what the receiver of a job was told, and how that went.
import {
  type DeliveryList,
  type DeliveryRecord,
  type Documents,
  deliveryName,
  everyDocument,
  type Job,
} from '@impasto/shared';
import type { Handler } from '../http/respond.ts';
import { jobIdOf, originOf } from '../jobs/job-links.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import { beginDelivery } from './delivery.ts';
import { deliveryView } from './delivery-view.ts';

interface Dependencies extends Pick<Documents, 'deliveries'> {
  readonly readJob: ReadJob;
}

export function makeListDeliveries({ readJob, deliveries }: Dependencies): Handler {
  return async (request) => {
    const { job } = await readJob(jobIdOf(request));
    const begun = job.webhook ? await deliveriesOf(deliveries, job) : [];
    const all = [...begun, ...due(job, begun)].sort((one, other) => compare(one.at, other.at));
    const view: DeliveryList = {
      job_id: job.jobId,
      deliveries: all.map((delivery) => deliveryView(originOf(request), delivery)),
    };
    return { jsonBody: view };
  };
}

async function deliveriesOf(deliveries: Dependencies['deliveries'], job: Job): Promise<DeliveryRecord[]> {
  const found: DeliveryRecord[] = [];
  for await (const { name } of everyDocument(deliveries, `${job.jobId}/`)) {
    const stored = await deliveries.get(name);
    if (stored) found.push(stored.value);
  }
  return found;
}

/** Of an event that nobody has come to yet. */
function due(job: Job, begun: readonly DeliveryRecord[]): DeliveryRecord[] {
  const next = beginDelivery(job, new Date());
  if (!next || begun.some((delivery) => deliveryName(delivery) === deliveryName(next))) return [];
  return [next];
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));
