// What the routes of jobs do.
import {
  inputFormats,
  jobListSchema,
  limits,
  outputFormats,
  statusViewSchema,
  submissionBodySchema,
  submissionReceiptSchema,
} from '@impasto/shared';
import { z } from 'zod';
import * as examples from '../examples.ts';
import { requestHeaders } from '../headers.ts';
import { jobRefusals, type Operation } from '../operation.ts';
import { answersToWaiting, imageRefusals, keyRefusals, submissionRefusals, waitQuery } from './common.ts';

const one = (summary: string, value: unknown) => ({ summary, value });
const jobContent = {
  schema: statusViewSchema,
  examples: examples.named('queuedJob', 'completedJob', 'failedJob', 'canceledJob'),
};
const pictureTypes = outputFormats.map((format) => `image/${format}`);
const pictureHeaders = ['ETag', 'Accept-Ranges', 'Content-Disposition', 'Cache-Control'] as const;

const submitJob: Operation = {
  tag: 'Jobs',
  summary: 'Send a job',
  description: [
    `Two images and how to paint. Images are ${inputFormats.join(', ')}, in base64, of at most ${limits.maxImageBytes / 1024 ** 2} MiB and ${limits.maxImagePixels / 1e6} megapixels each; unknown fields are refused, so that a misspelt one is never passed over.`,
    'Nothing is lost once this is answered with `200` or `202`. With an `Idempotency-Key` it is safe to send again whatever happened to the answer.',
    'The same images with the same parameters are not painted twice: the job is done at once, with a copy of the picture (`cache.hit`), unless `no_cache` is true.',
  ].join('\n\n'),
  headers: z.object({ 'Idempotency-Key': requestHeaders.idempotencyKey, Prefer: requestHeaders.prefer }),
  body: {
    schema: submissionBodySchema,
    examples: {
      least: one('Two images, everything else by default', {
        content_image: examples.exampleImage,
        style_image: examples.exampleImage,
      }),
      more: one('With wishes, notes and a receiver', {
        content_image: `data:image/png;base64,${examples.exampleImage}`,
        style_image: examples.exampleImage,
        influence: 0.8,
        creativity: 0.6,
        additional_prompt: 'warm evening light',
        output_format: 'webp',
        output_quality: 85,
        max_side: 2048,
        metadata: { album: 'summer' },
        webhook_url: 'https://receiver.example.com/impasto',
        webhook_events: ['job.completed', 'job.failed'],
        retention_hours: 48,
      }),
    },
  },
  answers: {
    200: {
      description: 'The job is done: it was waited for, or its picture was there already.',
      content: {
        schema: submissionReceiptSchema,
        examples: { completed: one('Done', examples.completedReceipt) },
      },
      headers: ['Location'],
      sometimes: ['Preference-Applied', 'Idempotency-Replayed'],
    },
    202: {
      description: 'The job is taken, and is in the queue or being painted.',
      content: { schema: submissionReceiptSchema, examples: { queued: one('Taken', examples.receipt) } },
      headers: ['Location'],
      sometimes: ['Retry-After', 'Preference-Applied', 'Idempotency-Replayed'],
    },
  },
  refusals: [
    ...submissionRefusals,
    ...imageRefusals,
    ...keyRefusals,
    'queue_full',
    'job_not_found',
    'job_gone',
  ],
};

const statusQuery = z.object({
  include: z
    .enum(['image', 'none'])
    .default('image')
    .describe('`none` leaves the picture of a completed job out; its address is in the answer anyway.'),
  wait: waitQuery,
});

const status: Omit<Operation, 'summary'> = {
  tag: 'Jobs',
  description:
    'With `wait` the answer comes as soon as the job is done, otherwise with the job as it is: waiting is never an error, and a failed job is an answer like any other. Ask again after `Retry-After` seconds, with the `ETag` in `If-None-Match`.',
  query: statusQuery,
  headers: z.object({ Prefer: requestHeaders.prefer, 'If-None-Match': requestHeaders.ifNoneMatch }),
  answers: answersToWaiting('The job.', jobContent),
  refusals: [...jobRefusals, 'invalid_value'],
};

const statusEvents: Operation = {
  tag: 'Jobs',
  summary: 'Follow a job',
  description: [
    'Server-sent events. The first is the job as it is, each `status` event is a whole job (the schema `Job`), the last has `done` as true and ends the stream. A job that is removed meanwhile ends it with a `gone` event: `{"job_id", "code", "gone_at"}`.',
    'A comment line keeps the connection alive. The stream ends by itself after 200 seconds: come back with `Last-Event-ID`, as every `EventSource` does.',
  ].join('\n\n'),
  headers: z.object({ 'Last-Event-ID': requestHeaders.lastEventId }),
  answers: {
    200: { description: 'The stream.', mediaTypes: ['text/event-stream'], headers: ['Cache-Control'] },
    204: { description: 'The job is done, and its last event was seen: there is nothing to come back for.' },
  },
  refusals: [...jobRefusals, 'too_many_streams'],
};

const getResult: Operation = {
  tag: 'Jobs',
  summary: 'Fetch the picture',
  description:
    'The painted picture itself. It never changes, so it may be kept. Whoever has no key can be given `result.result_url` of the status in place of this address.',
  headers: z.object({
    Range: requestHeaders.range,
    'If-Range': requestHeaders.ifRange,
    'If-Match': requestHeaders.ifMatch,
    'If-None-Match': requestHeaders.ifNoneMatch,
  }),
  answers: {
    200: {
      description: 'The picture.',
      mediaTypes: pictureTypes,
      headers: [...pictureHeaders, 'Content-Length'],
    },
    206: {
      description: 'A part of it.',
      mediaTypes: pictureTypes,
      headers: [...pictureHeaders, 'Content-Length', 'Content-Range'],
    },
    304: { description: 'The caller has it already.', headers: pictureHeaders },
  },
  refusals: [...jobRefusals, 'not_completed', 'result_gone', 'precondition_failed', 'range_not_satisfiable'],
};

const cancelJob: Operation = {
  tag: 'Jobs',
  summary: 'Cancel a job',
  description:
    'A job that waits is canceled at once; one that is being painted is asked to stop, and is `canceled` a moment later (`cancel_requested_at` says so meanwhile). A job that has ended stays as it is. Safe to repeat.',
  answers: {
    200: { description: 'The job as it is now.', content: jobContent },
  },
  refusals: jobRefusals,
};

const listJobs: Operation = {
  tag: 'Jobs',
  summary: 'List jobs',
  description:
    'Newest first, a page at a time, without pictures but with addresses of pictures and thumbnails. A page may have fewer jobs than `limit` before the last one: go on as long as there is a `next_cursor`. An unknown parameter is refused, as a filter that is passed over would show everything.',
  query: z.object({
    status: z
      .array(z.enum(['queued', 'processing', 'completed', 'failed', 'canceled', 'expired']))
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'Any of these.', param: { style: 'form', explode: true } }),
    model: z.string().min(1).max(100).optional().describe('The model that was asked for.'),
    tag: z
      .array(
        z
          .string()
          .max(1000)
          .regex(/^[^:]+:/),
      )
      .max(50)
      .optional()
      .meta({
        description: '`key:value` of the `metadata`; of several all have to be there.',
        param: { style: 'form', explode: true },
      }),
    batch_id: z.uuid().optional().describe('The jobs of this batch.'),
    limit: z.int().min(1).max(limits.maxListedJobs).default(20).describe('Jobs on the page, at most.'),
    cursor: z.string().min(1).max(4000).optional().describe('The `next_cursor` of the page before.'),
  }),
  answers: {
    200: {
      description: 'A page of jobs.',
      content: {
        schema: jobListSchema,
        examples: {
          page: one('One job', { jobs: [examples.completedJob], next_cursor: null }),
        },
      },
    },
  },
  refusals: [
    'invalid_cursor',
    'unknown_field',
    'invalid_value',
    'invalid_type',
    'out_of_range',
    'too_long',
    'required',
    'too_many_requests',
  ],
};

const deleteJob: Operation = {
  tag: 'Jobs',
  summary: 'Delete a job',
  description:
    'The record, the inputs and the picture, at once and for good, whatever the job is doing. Its addresses then answer `410` with the date.',
  answers: { 204: { description: 'It is gone.' } },
  refusals: jobRefusals,
};

export const jobOperations = {
  'submit-job': submitJob,
  'get-status': { ...status, summary: 'See how a job is doing' },
  'get-job': { ...status, summary: 'See how a job is doing, under the address of the job' },
  'status-events': statusEvents,
  'get-result': getResult,
  'cancel-job': cancelJob,
  'list-jobs': listJobs,
  'delete-job': deleteJob,
} as const satisfies Record<string, Operation>;
