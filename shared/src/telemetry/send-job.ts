// The message that wakes a worker, and the span of its sending.
import { type Job, messageFor } from '../job.ts';
import type { CallOptions, JobQueue } from '../ports.ts';
import { inSpan, passedOn } from './spans.ts';

/** Names that a span says of the queue; the message itself is not described. */
export const messaging = {
  'messaging.system': 'azure_storage_queue',
  'messaging.destination.name': 'style-jobs',
} as const;

/**
 * Sends it as a part of the trace that the job belongs to, whoever sends it: the worker's span becomes a child of this
 * one, and a replay or a sweep that sends it again is linked.
 */
export async function sendJob(
  queue: Pick<JobQueue, 'send'>,
  { jobId, traceparent }: Pick<Job, 'jobId' | 'traceparent'>,
  options: CallOptions = {},
): Promise<void> {
  const attributes = {
    ...messaging,
    'messaging.operation.type': 'send',
    'impasto.job.id': jobId,
  };
  await inSpan('send style-jobs', { kind: 'producer', parent: traceparent, attributes }, (span) =>
    queue.send(messageFor({ jobId, traceparent: passedOn(span, traceparent) }), options),
  );
}
