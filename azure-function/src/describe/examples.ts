// What requests and answers look like. The types hold them to the schemas, and a test to the document.
import type {
  BatchView,
  BulkPurge,
  BulkReplay,
  DeadLetterList,
  DeadLetterView,
  DeliveryView,
  JobLinks,
  Problem,
  StatusView,
  SubmissionReceipt,
  WaitView,
  WebhookPayload,
} from '@impasto/shared';
import { linksFrom } from '../jobs/job-links.ts';

const origin = 'https://impasto.example.com';
export const exampleJobId = '0192f0a4-6f1e-4d3c-9d4e-3f6f1c2a7b58';
export const exampleBatchId = '0192f0a4-7a11-4b8e-8c55-90d2f7b1c3e4';
/** A PNG of 16 by 16 pixels: small enough to be read, large enough to be taken. */
export const exampleImage =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mM4UWFDEmIY1TCqYfhqAACRKnwQyz716gAAAABJRU5ErkJggg==';
const links: JobLinks = linksFrom(origin, exampleJobId);

const wait: WaitView = {
  reason: 'queued_behind_others',
  workers: { ready: 1, starting: 0, busy: 1, unhealthy: 0 },
  estimated_seconds: { low: 8, high: 14 },
  basis: { job_seconds: 'observed', cold_start: 'not_needed', observed_jobs: 25 },
};

const common = {
  job_id: exampleJobId,
  created_at: '2026-11-21T09:30:00.000Z',
  cancel_requested_at: null,
  model: 'impasto-v1',
  metadata: { album: 'summer' },
  batch_id: null,
  cache: { hit: false, source_job_id: null },
  urls: links,
  status_url: links.status,
};

export const queuedJob: StatusView = {
  ...common,
  status: 'queued',
  done: false,
  phase: 'queued',
  progress: 0,
  started_at: null,
  completed_at: null,
  start_by: '2026-11-22T09:30:00.000Z',
  expires_at: null,
  attempt: 0,
  queue_position: 2,
  wait,
};

const ended = {
  done: true,
  started_at: '2026-11-21T09:30:04.200Z',
  completed_at: '2026-11-21T09:30:07.900Z',
  start_by: null,
  expires_at: '2026-11-22T09:30:07.900Z',
  attempt: 1,
  queue_position: null,
  wait: null,
};

export const completedJob: StatusView = {
  ...common,
  ...ended,
  status: 'completed',
  phase: 'done',
  progress: 1,
  result: {
    result_url: 'https://account.blob.core.windows.net/images/results/picture.png?sig=...',
    url_expires_at: '2026-11-21T10:00:00.000Z',
    thumbnail_url: 'https://account.blob.core.windows.net/images/results/picture.thumbnail.webp?sig=...',
    width: 1024,
    height: 683,
    format: 'png',
    bytes: 1_482_113,
    processing_time: 3.7,
    model: 'impasto-v1@1',
    execution_provider: 'cuda',
    timings: { fetch: 120, decode: 80, stylize: 3200, encode: 210, store: 90 },
    prompt: { applied: ['warm'], ignored: [] },
    ignored_parameters: [],
    sha256: '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
  },
};

export const failedJob: StatusView = {
  ...common,
  ...ended,
  status: 'failed',
  phase: 'decoding',
  progress: 0.4,
  error: { code: 'image_corrupt', message: 'the content image cannot be decoded', retryable: false },
};

export const canceledJob: StatusView = {
  ...common,
  ...ended,
  status: 'canceled',
  phase: 'stylizing',
  progress: 0.4,
  cancel_requested_at: '2026-11-21T09:30:06.000Z',
  stopped: { phase: 'stylizing', processing_time: 3.7 },
};

export const receipt: SubmissionReceipt = {
  ...queuedJob,
  estimated_wait_time: '8 to 14 seconds',
  estimated_wait_seconds: { low: 8, high: 14 },
  result_url: links.result,
};

export const completedReceipt: SubmissionReceipt = {
  ...completedJob,
  estimated_wait_time: '0 seconds',
  estimated_wait_seconds: { low: 0, high: 0 },
  result_url: links.result,
};

const batchUrl = `${origin}/api/batch/${exampleBatchId}`;

export const batch: BatchView = {
  batch_id: exampleBatchId,
  status: 'queued',
  done: false,
  created_at: common.created_at,
  completed_at: null,
  cancel_requested_at: null,
  expires_at: null,
  metadata: { album: 'summer' },
  counts: { total: 1, queued: 1, processing: 0, completed: 0, failed: 0, canceled: 0, expired: 0 },
  progress: 0,
  jobs: [
    {
      index: 0,
      job_id: exampleJobId,
      content: 0,
      style: 0,
      status: 'queued',
      done: false,
      phase: 'queued',
      progress: 0,
      status_url: links.status,
      result_url: null,
      url_expires_at: null,
      thumbnail_url: null,
    },
  ],
  wait,
  urls: { status: batchUrl, cancel: `${batchUrl}/cancel`, delete: batchUrl, results: `${batchUrl}/results` },
};

export const delivery: DeliveryView = {
  delivery_id: 'job.completed.1',
  event: 'job.completed',
  webhook_id: `${exampleJobId}.job.completed.1`,
  state: 'delivered',
  created_at: '2026-11-21T09:30:07.900Z',
  next_attempt_at: null,
  attempts: [{ at: '2026-11-21T09:30:08.100Z', http_status: 204, error: null, latency_ms: 86 }],
  urls: { redeliver: `${links.deliveries}/job.completed.1/redeliver` },
};

export const payload: WebhookPayload = {
  type: 'job.completed',
  timestamp: '2026-11-21T09:30:07.900Z',
  data: {
    job_id: exampleJobId,
    status: 'completed',
    done: true,
    created_at: common.created_at,
    completed_at: '2026-11-21T09:30:07.900Z',
    model: 'impasto-v1',
    metadata: { album: 'summer' },
    batch_id: null,
    error: null,
    result: {
      width: 1024,
      height: 683,
      format: 'png',
      bytes: 1_482_113,
      sha256: '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
      processing_time: 3.7,
    },
    urls: links,
  },
};

const letter = {
  id: exampleJobId,
  job_id: exampleJobId,
  reason: 'worker_crashed',
  state: 'open',
  failed_at: '2026-11-21T09:30:07.900Z',
  replays: 0,
  dead_letter_url: `${origin}/api/dead-letters/${exampleJobId}`,
  status_url: links.status,
};

export const deadLetters: DeadLetterList = { items: [letter], next_cursor: null };
export const deadLetter: DeadLetterView = {
  ...letter,
  message: 'the worker ended without a word, three times',
  attempt: 3,
  text: null,
  replayable: true,
  not_replayable_because: null,
};
const nothingMore = { skipped: [], next_cursor: null, more: false };
export const bulkReplay: BulkReplay = { replayed: 3, ...nothingMore };
export const bulkPurge: BulkPurge = { purged: 3, ...nothingMore };

export const problem: Problem = {
  type: 'urn:impasto:problem:out_of_range',
  title: 'A number is out of range',
  status: 422,
  detail: 'Expected a number of at most 1 for influence, received 1.5',
  code: 'out_of_range',
  retryable: false,
  request_id: '4f0c1a1e-4c7a-4a53-9d0b-0d2f5a3c9e11',
  errors: [
    {
      pointer: '/influence',
      code: 'out_of_range',
      detail: 'Expected a number of at most 1 for influence, received 1.5',
    },
  ],
};

/** Those that many operations have, by the names under which the document has them. */
export const namedExamples = {
  queuedJob: { summary: 'A job that waits', value: queuedJob },
  completedJob: { summary: 'A job that is done', value: completedJob },
  failedJob: { summary: 'A job that failed', value: failedJob },
  canceledJob: { summary: 'A job that was canceled', value: canceledJob },
  batch: { summary: 'A batch of one job', value: batch },
  payload: { summary: 'A job is done', value: payload },
  problem: { summary: 'A number that is too large', value: problem },
} as const;

/** References to some of them. */
export function named(...names: readonly (keyof typeof namedExamples)[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }]));
}
