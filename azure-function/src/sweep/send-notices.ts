// Messages about the end of jobs that got lost. What is written down of the delivery comes first, so that two sweeps, or
// one that is cut off here, send no storm of them.
import { type CallOptions, deliveryName, isDone } from '@impasto/shared';
import { lookUp } from '../jobs/look-up.ts';
import { beginDelivery, closed, nextNotice } from '../webhooks/delivery.ts';
import { isDisabledFor } from '../webhooks/disabled.ts';
import type { SweptStorage } from './snapshot.ts';

/** An end that nobody took care of: the message got lost, or was never sent. @returns whether there was one. */
export async function announceAgain(
  { jobs, deliveries, notices }: SweptStorage,
  jobId: string,
  options: CallOptions,
): Promise<boolean> {
  const job = await lookUp(jobs, jobId, options);
  if (job === undefined || job === 'gone' || !isDone(job)) return false;
  const begun = beginDelivery(job, new Date());
  if (!begun) return false;
  const isUnwanted = await isDisabledFor(deliveries, job, begun);
  const written = isUnwanted ? closed(begun, 'disabled') : begun;
  if (!(await deliveries.create(deliveryName(begun), written, options))) return false;
  if (!isUnwanted) await notices.send(JSON.stringify(nextNotice(begun)), options);
  return true;
}

/** A delivery that nobody went on with in time. @returns whether it still was one. */
export async function deliverAgain(
  { deliveries, notices }: SweptStorage,
  silentSeconds: number,
  name: string,
  options: CallOptions,
): Promise<boolean> {
  const found = await deliveries.get(name, options);
  if (found?.value.state !== 'pending') return false;
  const { nextAttemptAt, at } = found.value;
  const nowMs = Date.now();
  if (Date.parse(nextAttemptAt ?? at) >= nowMs - silentSeconds * 1000) return false;
  const marked = { ...found.value, nextAttemptAt: new Date(nowMs).toISOString() };
  if (!(await deliveries.replace(name, marked, found.version, options))) return false;
  await notices.send(JSON.stringify(nextNotice(marked)), options);
  return true;
}
