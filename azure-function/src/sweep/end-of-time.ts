// What goes of a job whose time is over. Where its receiver is still being told, the record and the deliveries stay, which
// no caller can see any more; whatever is private beyond that goes in time.
import {
  type CallOptions,
  type Documents,
  deliveryName,
  everyDocument,
  type Job,
  noticeFor,
  type RetentionSettings,
  retentionHoursOf,
} from '@impasto/shared';
import { longestRoundSeconds } from '../webhooks/retry-schedule.ts';

interface EndedJob {
  readonly status: string;
  readonly retentionHours?: number | undefined;
  readonly picturesAreGone?: boolean | undefined;
}

/**
 * @param ageSeconds since the record was last written: with its end, or with the note that its pictures are gone.
 * @param isBeingTold its receiver has not been told of everything yet. The attempts that are left are made, all of which
 *   began before the time was over; of one who asks for more patience the last ones may not be.
 */
export function whatGoes(
  job: EndedJob,
  ageSeconds: number,
  isBeingTold: boolean,
  settings: RetentionSettings,
): 'nothing' | 'pictures' | 'everything' {
  if (job.picturesAreGone) return isBeingTold && ageSeconds <= longestRoundSeconds ? 'nothing' : 'everything';
  if (ageSeconds <= retentionHoursOf(job, settings) * 3600) return 'nothing';
  return isBeingTold ? 'pictures' : 'everything';
}

/** Whether a delivery is pending, or one is due that nobody has begun. */
export async function isBeingTold(
  deliveries: Documents['deliveries'],
  job: Job,
  options: CallOptions,
): Promise<boolean> {
  if (!job.webhook) return false;
  const begun = new Set<string>();
  for await (const { name, label } of everyDocument(deliveries, `${job.jobId}/`, options)) {
    if (label !== undefined) return true;
    begun.add(name);
  }
  const due = noticeFor(job);
  return due !== undefined && !begun.has(deliveryName({ jobId: job.jobId, deliveryId: due.delivery_id }));
}
