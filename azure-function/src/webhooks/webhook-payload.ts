// The body of a webhook: what happened to a job, thin, with links that do not expire in place of pictures.
import { isDone, type Job, type JobWebhook, type WebhookEvent, type WebhookPayload } from '@impasto/shared';
import { linksFrom } from '../jobs/job-links.ts';

const maxBytes = 20_000;
const maxMessageCharacters = 1_000;

/**
 * JSON below 20 kB about the state that the job is in.
 * @param at when it got there. The same job and event make the same text, so that every attempt sends the same bytes.
 */
export function payloadText(job: Job, webhook: JobWebhook, event: WebhookEvent, at: string): string {
  const data = { ...dataOf(job), urls: linksFrom(webhook.origin, job.jobId) };
  const payload: WebhookPayload = { type: event, timestamp: at, data };
  const text = JSON.stringify(payload);
  if (Buffer.byteLength(text) < maxBytes) return text;
  // Only notes full of control characters, each of them six bytes, come to this; the status has them.
  return JSON.stringify({ ...payload, data: { ...data, metadata: {} } });
}

function dataOf(job: Job): Omit<WebhookPayload['data'], 'urls'> {
  return {
    job_id: job.jobId,
    status: job.status,
    done: isDone(job),
    created_at: job.createdAt,
    completed_at: 'completedAt' in job ? job.completedAt : null,
    model: job.parameters.model,
    metadata: job.metadata,
    batch_id: job.batch?.id ?? null,
    error: job.status === 'failed' ? errorOf(job.error) : null,
    result: job.status === 'completed' ? resultOf(job.result) : null,
  };
}

function errorOf({ code, message, retryable }: Extract<Job, { status: 'failed' }>['error']) {
  return { code, message: message.slice(0, maxMessageCharacters), retryable };
}

function resultOf(result: Extract<Job, { status: 'completed' }>['result']): WebhookPayload['data']['result'] {
  const { width, height, format, bytes, sha256, processingSeconds } = result;
  return { width, height, format, bytes, sha256, processing_time: processingSeconds };
}
