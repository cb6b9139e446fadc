// The JSON that crosses the wire, snake_case: what the door answers and what the client parses.
// Fields may be added, never changed; unknown ones are let through, so that an old client reads a newer server.
import { z } from 'zod';
import { isDone, type Job, type JobResult } from './job.ts';
import { outputFormats } from './submission.ts';

const waitSeconds = z.object({ low: z.number(), high: z.number() });

/** Answer to `POST /api/style-transfer`. */
export const submissionReceiptSchema = z.object({
  job_id: z.uuid(),
  status: z.literal('queued'),
  done: z.literal(false),
  created_at: z.iso.datetime(),
  estimated_wait_time: z.string(),
  estimated_wait_seconds: waitSeconds,
  status_url: z.string(),
  result_url: z.string(),
});
export type SubmissionReceipt = z.infer<typeof submissionReceiptSchema>;

const resultViewSchema = z.object({
  /** The picture in base64; left out with `?include=none`. */
  result_image: z.string().optional(),
  result_url: z.string(),
  width: z.int(),
  height: z.int(),
  format: z.enum(outputFormats),
  bytes: z.int(),
  /** Seconds from claim to commit. */
  processing_time: z.number(),
  model: z.string(),
  execution_provider: z.string(),
  /** Milliseconds by stage. */
  timings: z.record(z.string(), z.number()),
  prompt: z.object({ applied: z.array(z.string()), ignored: z.array(z.string()) }),
  ignored_parameters: z.array(z.string()),
  painted_at: z.object({ width: z.int(), height: z.int() }).optional(),
});
export type ResultView = z.infer<typeof resultViewSchema>;

const errorViewSchema = z.object({ code: z.string(), message: z.string(), retryable: z.boolean() });

/** Answer to `GET /api/status/{job_id}`. `done` tells a caller all it needs; `status` and `phase` may grow. */
export const statusViewSchema = z.object({
  job_id: z.uuid(),
  status: z.string(),
  done: z.boolean(),
  phase: z.string(),
  /** 0 to 1. */
  progress: z.number(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  completed_at: z.iso.datetime().nullable(),
  attempt: z.int(),
  status_url: z.string(),
  result: resultViewSchema.optional(),
  error: errorViewSchema.optional(),
});
export type StatusView = z.infer<typeof statusViewSchema>;

/** An error as RFC 9457 has it, with our own members. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  retryable: z.boolean(),
  request_id: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** A problem document of ours; `type` follows from the code. */
export function makeProblem(
  code: string,
  { status, title, retryable }: Pick<Problem, 'status' | 'title' | 'retryable'>,
  detail: string,
  more: Pick<Problem, 'request_id' | 'errors'> = {},
): Problem {
  return { type: `urn:impasto:problem:${code}`, title, status, detail, code, retryable, ...more };
}

export interface JobLinks {
  readonly status: string;
  readonly result: string;
}

/** The public view of a job: what a caller may see, and nothing that only we need. */
export function statusView(job: Job, links: JobLinks, resultImage?: string): StatusView {
  return {
    job_id: job.jobId,
    status: job.status,
    done: isDone(job),
    phase: job.phase,
    progress: job.progress,
    created_at: job.createdAt,
    started_at: 'startedAt' in job ? (job.startedAt ?? null) : null,
    completed_at: 'completedAt' in job ? job.completedAt : null,
    attempt: job.attempt,
    status_url: links.status,
    ...(job.status === 'completed' && { result: resultView(job.result, links.result, resultImage) }),
    ...(job.status === 'failed' && { error: job.error }),
  };
}

function resultView(result: JobResult, url: string, image?: string): ResultView {
  return {
    ...(image !== undefined && { result_image: image }),
    result_url: url,
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
  };
}
