// The JSON that crosses the wire, snake_case: what the door answers and what the client parses.
// Fields may be added, never changed; unknown ones are let through, so that an old client reads a newer server.
import { z } from 'zod';
import { extensible } from './extensible.ts';
import { isDone, type Job, type JobResult } from './job.ts';
import { outputFormats } from './submission.ts';

export const jobStatuses = [
  'queued',
  'processing',
  'completed',
  'failed',
  'canceled',
  'expired',
] as const satisfies readonly Job['status'][];

const waitSeconds = z.object({ low: z.number(), high: z.number() });

const resultViewSchema = z.object({
  result_image: z.string().optional().describe('The picture in base64; left out with `?include=none`.'),
  result_url: z
    .string()
    .describe(
      'Signed: whoever has it can read the picture until `url_expires_at`; each read of the status gives a new one.',
    ),
  url_expires_at: z.iso.datetime(),
  thumbnail_url: z.string().nullable().describe('A picture of at most 256 pixels, WebP; signed likewise.'),
  width: z.int(),
  height: z.int(),
  format: extensible(outputFormats),
  bytes: z.int(),
  processing_time: z.number().describe('Seconds from claim to commit.'),
  model: z.string(),
  execution_provider: z.string(),
  timings: z.record(z.string(), z.number()).describe('Milliseconds by stage.'),
  prompt: z.object({ applied: z.array(z.string()), ignored: z.array(z.string()) }),
  ignored_parameters: z.array(z.string()),
  painted_at: z.object({ width: z.int(), height: z.int() }).optional(),
  sha256: z.string(),
});
export type ResultView = z.infer<typeof resultViewSchema>;

export const errorViewSchema = z.object({ code: z.string(), message: z.string(), retryable: z.boolean() });

/** Why an unfinished job is not done yet, and until when that may last. */
export const waitViewSchema = z.object({
  reason: z
    .string()
    .describe(
      '`next`, `queued_behind_others`, `no_worker`, `worker_starting`, `workers_unhealthy`, `retrying`, `in_work`, `canceling`, or `not_known` where nobody could look; may grow.',
    ),
  workers: z.object({ ready: z.int(), starting: z.int(), busy: z.int(), unhealthy: z.int() }),
  estimated_seconds: waitSeconds.describe('From now to the end of the job.'),
  basis: z
    .object({
      job_seconds: extensible(['observed', 'assumed']),
      cold_start: extensible(['observed', 'assumed', 'not_needed']),
      observed_jobs: z.int(),
    })
    .describe('What the estimate rests on: jobs and cold starts that were seen, or assumed values.'),
});
export type WaitView = z.infer<typeof waitViewSchema>;

/** Addresses of a job, absolute. They do not change, and hold no secret. */
export const jobLinksSchema = z.object({
  status: z.string(),
  events: z.string(),
  result: z.string(),
  cancel: z.string(),
  delete: z.string(),
  deliveries: z.string(),
});
export type JobLinks = z.infer<typeof jobLinksSchema>;

/** Answer to `GET /api/status/{job_id}`. `done` tells a caller all it needs; `status` and `phase` may grow. */
export const statusViewSchema = z.object({
  job_id: z.uuid().describe('The name of the job in every address.'),
  status: extensible(jobStatuses).describe('Where the job stands; more names may come.'),
  done: z.boolean().describe('Whether the job has ended, well or badly: nothing of it will change any more.'),
  phase: z.string().describe('A finer word for what is happening, for people; it may grow.'),
  progress: z.number().describe('0 to 1.'),
  created_at: z.iso.datetime().describe('When it was sent.'),
  started_at: z.iso.datetime().nullable().describe('When a worker began with it.'),
  completed_at: z.iso.datetime().nullable().describe('When it ended, in whatever way.'),
  cancel_requested_at: z.iso.datetime().nullable().describe('When somebody asked for its end.'),
  start_by: z.iso.datetime().nullable().describe('A job that no worker has begun by then ends as expired.'),
  expires_at: z.iso
    .datetime()
    .nullable()
    .describe('Of a job that has ended: when it is removed, with its pictures.'),
  attempt: z.int().describe('How often a worker has begun with it.'),
  model: z.string().describe('The model that was asked for.'),
  metadata: z.record(z.string(), z.string()).describe('The notes that came with the submission.'),
  batch_id: z.uuid().nullable().describe('The batch that the job belongs to.'),
  queue_position: z
    .int()
    .nullable()
    .describe(
      'Jobs that wait in front of this one, about; null for one that does not wait, or where nobody could look.',
    ),
  wait: waitViewSchema.nullable(),
  cache: z
    .object({ hit: z.boolean(), source_job_id: z.uuid().nullable() })
    .describe('Whether the picture is a copy of what another job painted.'),
  urls: jobLinksSchema,
  status_url: z.string().describe('The same as `urls.status`.'),
  result: resultViewSchema.optional(),
  error: errorViewSchema.optional(),
  stopped: z
    .object({ phase: z.string(), processing_time: z.number() })
    .optional()
    .describe(
      'Of a canceled job that was being worked on: where it was stopped, and the seconds that were spent on it.',
    ),
});
export type StatusView = z.infer<typeof statusViewSchema>;

/** Answer to `POST /api/style-transfer`: the job, and what was foretold when it was sent. */
export const submissionReceiptSchema = statusViewSchema.extend({
  estimated_wait_time: z.string(),
  estimated_wait_seconds: waitSeconds,
  result_url: z.string().describe('Where the picture will be; needs the same key as this request.'),
});
export type SubmissionReceipt = z.infer<typeof submissionReceiptSchema>;

/** Answer to `GET /api/jobs`, newest first. */
export const jobListSchema = z.object({
  jobs: z.array(statusViewSchema),
  next_cursor: z.string().nullable(),
});
export type JobList = z.infer<typeof jobListSchema>;

/** An error as RFC 9457 has it, with our own members. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What was expected, for what, and what came, for people.'),
  code: z.string().describe('What went wrong, for programs: stable, and listed in this document.'),
  retryable: z.boolean().describe('Whether the same request may succeed later, unchanged.'),
  request_id: z.string().optional().describe('Under which the log of the service has this request.'),
  gone_at: z.iso.datetime().optional().describe('Of something that was removed: since when.'),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** A problem document of ours; `type` follows from the code. */
export function makeProblem(
  code: string,
  { status, title, retryable }: Pick<Problem, 'status' | 'title' | 'retryable'>,
  detail: string,
  more: Pick<Problem, 'request_id' | 'errors' | 'gone_at'> = {},
): Problem {
  return { type: `urn:impasto:problem:${code}`, title, status, detail, code, retryable, ...more };
}

/** What a view tells beside the record. */
export interface ViewFacts {
  readonly links: JobLinks;
  /** In base64. */
  readonly resultImage?: string | undefined;
  /** Of a completed job. */
  readonly addresses?: ResultAddresses | undefined;
  /** Of an unfinished job. */
  readonly outlook?: { readonly queuePosition: number | null; readonly wait: WaitView } | undefined;
  readonly expiresAt?: string | undefined;
}

export interface ResultAddresses {
  readonly resultUrl: string;
  readonly thumbnailUrl: string | null;
  readonly expiresAt: string;
}

/** The public view of a job: what a caller may see, and nothing that only we need. */
export function statusView(job: Job, facts: ViewFacts): StatusView {
  const { links, outlook } = facts;
  return {
    job_id: job.jobId,
    status: job.status,
    done: isDone(job),
    phase: job.phase,
    progress: job.progress,
    created_at: job.createdAt,
    started_at: 'startedAt' in job ? (job.startedAt ?? null) : null,
    completed_at: 'completedAt' in job ? job.completedAt : null,
    cancel_requested_at: job.cancelRequestedAt ?? null,
    start_by: job.status === 'queued' ? (job.expiresAt ?? null) : null,
    expires_at: facts.expiresAt ?? null,
    attempt: job.attempt,
    model: job.parameters.model,
    metadata: job.metadata,
    batch_id: job.batch?.id ?? null,
    queue_position: outlook?.queuePosition ?? null,
    wait: outlook?.wait ?? null,
    cache: cacheView(job),
    urls: links,
    status_url: links.status,
    ...(job.status === 'completed' && { result: resultView(job.result, facts) }),
    ...(job.status === 'failed' && { error: job.error }),
    ...(job.status === 'canceled' && job.stopped && { stopped: stoppedView(job.stopped) }),
  };
}

function cacheView(job: Job): StatusView['cache'] {
  const source = job.status === 'completed' ? job.reusedFrom : undefined;
  return { hit: source !== undefined, source_job_id: source ?? null };
}

function stoppedView({ phase, processingSeconds }: { phase: string; processingSeconds: number }) {
  return { phase, processing_time: processingSeconds };
}

/** Where nobody could sign an address, that of the API stands in its place: it needs a key, and does not end. */
function resultView(result: JobResult, { links, addresses, resultImage, expiresAt }: ViewFacts): ResultView {
  return {
    ...(resultImage !== undefined && { result_image: resultImage }),
    result_url: addresses?.resultUrl ?? links.result,
    url_expires_at: addresses?.expiresAt ?? expiresAt ?? new Date().toISOString(),
    thumbnail_url: addresses?.thumbnailUrl ?? null,
    width: result.width,
    height: result.height,
    format: result.format,
    bytes: result.bytes,
    processing_time: result.processingSeconds,
    model: result.model,
    execution_provider: result.executionProvider,
    timings: result.timings,
    prompt: result.prompt,
    ignored_parameters: result.ignoredParameters,
    ...(result.paintedAt && { painted_at: result.paintedAt }),
    sha256: result.sha256,
  };
}
