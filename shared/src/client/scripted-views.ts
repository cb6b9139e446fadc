// For tests: what the scripted service has to show.
import type { BatchView } from '../batch-wire.ts';
import type { DeliveryView } from '../delivery-wire.ts';
import type { StatusView } from '../wire.ts';

export const jobId = '3e2d7a44-0a53-4f0e-8d8b-7f9f0c0b1f3a';
export const batchId = '7b1f0d52-64a8-4a3e-9a9a-0f5f2f1f6c11';
export const resultBytes = new TextEncoder().encode('the painted picture');
const createdAt = '2030-01-01T00:00:00.000Z';

export function statusView(overrides: Partial<StatusView> & Record<string, unknown> = {}): StatusView {
  return {
    job_id: jobId,
    status: 'processing',
    done: false,
    phase: 'stylizing',
    progress: 0.4,
    created_at: createdAt,
    started_at: createdAt,
    completed_at: null,
    cancel_requested_at: null,
    start_by: null,
    expires_at: null,
    attempt: 1,
    model: 'impasto-v1',
    metadata: {},
    batch_id: null,
    queue_position: null,
    wait: null,
    cache: { hit: false, source_job_id: null },
    urls: {
      status: `/api/status/${jobId}`,
      events: `/api/status/${jobId}/events`,
      result: `/api/result/${jobId}`,
      cancel: `/api/cancel/${jobId}`,
      delete: `/api/jobs/${jobId}`,
      deliveries: `/api/jobs/${jobId}/deliveries`,
    },
    status_url: `/api/status/${jobId}`,
    ...overrides,
  };
}

export function acceptedView() {
  return {
    ...statusView({ status: 'queued', phase: 'queued', progress: 0, started_at: null, attempt: 0 }),
    estimated_wait_time: '30-120 seconds for first request',
    estimated_wait_seconds: { low: 30, high: 120 },
    result_url: `/api/result/${jobId}`,
  };
}

export function completedView(): StatusView {
  return statusView({
    status: 'completed',
    done: true,
    phase: 'done',
    progress: 1,
    completed_at: createdAt,
    result: {
      result_url: `/api/result/${jobId}`,
      url_expires_at: createdAt,
      thumbnail_url: null,
      sha256: 'ab'.repeat(32),
      width: 64,
      height: 48,
      format: 'png',
      bytes: resultBytes.length,
      processing_time: 1.5,
      model: 'impasto-v1',
      execution_provider: 'cpu',
      timings: { stylize: 1000 },
      prompt: { applied: ['vibrant'], ignored: ['gloomy'] },
      ignored_parameters: [],
    },
  });
}

export function waitView(overrides: object = {}) {
  return {
    reason: 'queued_behind_others',
    workers: { ready: 0, starting: 0, busy: 1, unhealthy: 0 },
    estimated_seconds: { low: 20, high: 60 },
    basis: { job_seconds: 'observed', cold_start: 'not_needed', observed_jobs: 9 },
    ...overrides,
  };
}

export function batchView(overrides: Partial<BatchView> = {}): BatchView {
  return {
    batch_id: batchId,
    status: 'processing',
    done: false,
    created_at: createdAt,
    completed_at: null,
    cancel_requested_at: null,
    expires_at: null,
    metadata: {},
    counts: { total: 1, queued: 0, processing: 1, completed: 0, failed: 0, canceled: 0, expired: 0 },
    progress: 0.4,
    jobs: [
      {
        index: 0,
        job_id: jobId,
        content: 0,
        style: 0,
        status: 'processing',
        done: false,
        phase: 'stylizing',
        progress: 0.4,
        status_url: `/api/status/${jobId}`,
        result_url: null,
        url_expires_at: null,
        thumbnail_url: null,
      },
    ],
    wait: null,
    urls: {
      status: `/api/batch/${batchId}`,
      cancel: `/api/batch/${batchId}/cancel`,
      delete: `/api/batch/${batchId}`,
      results: `/api/batch/${batchId}/results`,
    },
    ...overrides,
  };
}

/** A batch of one job that ended like this. */
export function endedBatch(status: string): BatchView {
  const { counts, ...view } = batchView();
  const now = { processing: 0, [status === 'completed' ? 'completed' : 'failed']: 1 };
  return { ...view, status, done: true, progress: 1, completed_at: createdAt, counts: { ...counts, ...now } };
}

export function deliveryView(overrides: Partial<DeliveryView> = {}): DeliveryView {
  return {
    delivery_id: 'job.completed.0',
    event: 'job.completed',
    webhook_id: 'msg_1',
    state: 'pending',
    created_at: createdAt,
    next_attempt_at: createdAt,
    attempts: [{ at: createdAt, http_status: 500, error: 'status', latency_ms: 12 }],
    urls: { redeliver: `/api/jobs/${jobId}/deliveries/job.completed.0/redeliver` },
    ...overrides,
  };
}
