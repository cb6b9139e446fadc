// I11: whoever wants to know of the end of a job has been told, is being told, or could not be reached.
import { type DeliveryRecord, deliveryName } from '../documents.ts';
import { isDone } from '../job.ts';
import { noticeFor } from '../notices.ts';
import type { CallOptions, DocumentStore, StoredJob } from '../ports.ts';
import type { NoticeState, Violation } from './report.ts';

export interface NoticeCheck {
  /** None where nobody wants to know. */
  readonly state: NoticeState | undefined;
  readonly violations: readonly Violation[];
}

/** @param settlingSeconds after the end the message may still be on its way. */
export async function checkNotice(
  deliveries: Pick<DocumentStore<DeliveryRecord>, 'get'>,
  { job, ageSeconds }: StoredJob,
  settlingSeconds: number,
  options: CallOptions,
): Promise<NoticeCheck> {
  const notice = isDone(job) ? noticeFor(job) : undefined;
  if (!notice) return { state: undefined, violations: [] };
  const name = deliveryName({ jobId: job.jobId, deliveryId: notice.delivery_id });
  const state = (await deliveries.get(name, options))?.value.state;
  if (state !== undefined) return { state, violations: [] };
  if (ageSeconds < settlingSeconds) return { state: 'pending', violations: [] };
  const detail = `its receiver wants to know of ${notice.event}, and nothing says that anybody told it`;
  return { state: 'missing', violations: [{ invariant: 'I11', subject: job.jobId, detail }] };
}
