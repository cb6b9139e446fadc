// Telling a receiver what became of a job: a message in a queue of its own, so that no receiver can hold up a job or keep
// a worker awake. That a message is due follows from the record alone, so that one that got lost is sent again.
import { z } from 'zod';
import { formatVersion, type Job } from './job.ts';
import type { CallOptions, JobQueue } from './ports.ts';
import { type WebhookEvent, webhookEvents } from './submission.ts';

export const noticeSchema = z.object({
  v: z.literal(formatVersion),
  job_id: z.uuid(),
  event: z.enum(webhookEvents),
  delivery_id: z.string(),
  /** Which attempt of which round this message is for: one that comes twice is known by it. */
  round: z.int().min(0),
  attempt: z.int().min(0),
  /** How often it was put back because its receiver had no place free: each time it stays away for longer. */
  put_backs: z.int().min(0).optional(),
});
export type Notice = z.infer<typeof noticeSchema>;

/** The event of the state that a job is in, where somebody can be told of it. */
export function eventOf({ status }: { readonly status: string }): WebhookEvent | undefined {
  const name = status === 'processing' ? 'job.started' : `job.${status}`;
  return webhookEvents.find((event) => event === name);
}

/** One delivery for each end: a job that is replayed may end again. */
export function deliveryIdOf(event: WebhookEvent, { replays }: Pick<Job, 'replays'>): string {
  return `${event}.${replays}`;
}

/** The message that is due for the state that the job is in, where its receiver wants to know. */
export function noticeFor(job: Job): Notice | undefined {
  const event = eventOf(job);
  if (!event || job.withdrawn || !job.webhook?.events.includes(event)) return undefined;
  const delivery_id = deliveryIdOf(event, job);
  return { v: formatVersion, job_id: job.jobId, event, delivery_id, round: 0, attempt: 0 };
}

/**
 * Sends it. Called after the record has been written, never before. Where it throws, or nobody comes to call it, the
 * sweeper finds that the delivery is missing.
 */
export async function announce(notices: JobQueue, job: Job, options: CallOptions = {}): Promise<void> {
  const notice = noticeFor(job);
  if (notice) await notices.send(JSON.stringify(notice), options);
}
