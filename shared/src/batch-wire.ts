// The JSON of batches on the wire, by the same rule as in wire.ts: fields may be added, never changed.
import { z } from 'zod';
import { extensible } from './extensible.ts';
import { errorViewSchema, jobStatuses, waitViewSchema } from './wire.ts';

const timestamp = z.iso.datetime();

export const batchStatuses = [
  'queued',
  'processing',
  'completed',
  'partially_completed',
  'failed',
  'canceled',
] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/** One job of a batch, in short; its own address tells the rest. */
const batchJobViewSchema = z.object({
  index: z.int().describe('Its place in the batch, from 0.'),
  job_id: z.uuid(),
  content: z.int().describe('Which of the content images that were sent, from 0.'),
  style: z.int().describe('Which of the style images that were sent, from 0.'),
  status: extensible([...jobStatuses, 'gone']).describe('That of the job; `gone` where it was removed.'),
  done: z.boolean(),
  phase: z.string(),
  progress: z.number().describe('0 to 1.'),
  error: errorViewSchema.optional(),
  status_url: z.string(),
  result_url: z
    .string()
    .nullable()
    .describe(
      'Signed: whoever has it can read the picture until `url_expires_at`. Null as long as there is no picture.',
    ),
  url_expires_at: timestamp.nullable(),
  thumbnail_url: z.string().nullable(),
});
export type BatchJobView = z.infer<typeof batchJobViewSchema>;

/** Addresses of a batch, absolute. They do not change, and hold no secret. */
const batchLinksSchema = z.object({
  status: z.string(),
  cancel: z.string(),
  delete: z.string(),
  results: z.string().describe('A ZIP file of the pictures that there are.'),
});
export type BatchLinks = z.infer<typeof batchLinksSchema>;

/** Answer to `POST /api/style-transfer/batch` and to `GET /api/batch/{batch_id}`. */
export const batchViewSchema = z.object({
  batch_id: z.uuid(),
  status: extensible(batchStatuses),
  done: z.boolean().describe('Whether every job has ended.'),
  created_at: timestamp,
  completed_at: timestamp.nullable(),
  cancel_requested_at: timestamp.nullable(),
  expires_at: timestamp
    .nullable()
    .describe('When the last of its jobs is removed; null while one of them has not ended.'),
  metadata: z.record(z.string(), z.string()),
  counts: z
    .object({
      total: z.int(),
      queued: z.int(),
      processing: z.int(),
      completed: z.int(),
      failed: z.int(),
      canceled: z.int(),
      expired: z.int(),
    })
    .describe('Jobs by status.'),
  progress: z.number().describe('0 to 1, over all jobs.'),
  jobs: z.array(batchJobViewSchema),
  wait: waitViewSchema
    .nullable()
    .describe('Why the batch is not done yet, and until when that may last; null once it is done.'),
  urls: batchLinksSchema,
});
export type BatchView = z.infer<typeof batchViewSchema>;
