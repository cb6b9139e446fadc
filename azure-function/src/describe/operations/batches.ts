// What the routes of batches do.
import { batchBodySchema, batchViewSchema, limits } from '@impasto/shared';
import { z } from 'zod';
import * as examples from '../examples.ts';
import { requestHeaders } from '../headers.ts';
import { batchRefusals, type Operation } from '../operation.ts';
import { answersToWaiting, imageRefusals, keyRefusals, submissionRefusals, waitQuery } from './common.ts';

const image = examples.exampleImage;
const batchContent = {
  schema: batchViewSchema,
  examples: examples.named('batch'),
};

export const batchOperations = {
  'submit-batch': {
    tag: 'Batches',
    summary: 'Send a batch',
    description: `Every content in every style, or the pairs that \`items\` names, each with its own parameters where it has some: up to ${limits.maxBatchJobs} jobs. A batch is taken whole or not at all: where it was answered \`503\`, send it again with the same \`Idempotency-Key\` within an hour, and the service goes on with it; after that what was begun is removed. Each of its jobs is a job like any other, and has its own address.`,
    headers: z.object({ 'Idempotency-Key': requestHeaders.idempotencyKey, Prefer: requestHeaders.prefer }),
    body: {
      schema: batchBodySchema,
      examples: {
        every: {
          summary: 'Two photographs in one style',
          value: { content_images: [image, image], style_images: [image], influence: 0.8 },
        },
        items: {
          summary: 'The pairs one by one',
          value: {
            content_images: [image],
            style_images: [image],
            items: [
              { content: 0, style: 0, influence: 0.4 },
              { content: 0, style: 0, influence: 0.9, output_format: 'webp' },
            ],
          },
        },
      },
    },
    answers: {
      200: {
        description: 'All jobs are done.',
        content: batchContent,
        headers: ['Location'],
        sometimes: ['Preference-Applied', 'Idempotency-Replayed'],
      },
      202: {
        description: 'The batch is taken.',
        content: batchContent,
        headers: ['Location'],
        sometimes: ['Retry-After', 'Preference-Applied', 'Idempotency-Replayed'],
      },
    },
    refusals: [
      ...submissionRefusals,
      ...imageRefusals,
      ...keyRefusals,
      'too_many_jobs',
      'queue_full',
      'batch_not_found',
      'batch_gone',
    ],
  },
  'get-batch': {
    tag: 'Batches',
    summary: 'See how a batch is doing',
    description:
      'With `wait` the answer comes as soon as every job has ended, otherwise with the batch as it is.',
    query: z.object({
      include: z.enum(['jobs', 'none']).default('jobs').describe('`none` leaves the list of jobs empty.'),
      wait: waitQuery,
    }),
    headers: z.object({ Prefer: requestHeaders.prefer, 'If-None-Match': requestHeaders.ifNoneMatch }),
    answers: answersToWaiting('The batch.', batchContent),
    refusals: [...batchRefusals, 'invalid_value'],
  },
  'cancel-batch': {
    tag: 'Batches',
    summary: 'Cancel a batch',
    description: 'Each of its jobs that has not ended is canceled as a job is. Safe to repeat.',
    answers: {
      200: { description: 'The batch as it is now.', content: batchContent, sometimes: ['Retry-After'] },
    },
    refusals: batchRefusals,
  },
  'delete-batch': {
    tag: 'Batches',
    summary: 'Delete a batch',
    description: 'The batch, its jobs, their inputs and their pictures, at once and for good.',
    answers: { 204: { description: 'It is gone.' } },
    refusals: batchRefusals,
  },
  'batch-results': {
    tag: 'Batches',
    summary: 'Fetch the pictures of a batch',
    description:
      'A ZIP file, made while it is sent: `manifest.json` says which picture is which, and what became of jobs without one.',
    query: z.object({
      partial: z
        .enum(['true', 'false'])
        .default('false')
        .describe('`true` gives the pictures that there are while other jobs are still under way.'),
    }),
    answers: {
      200: {
        description: 'The archive.',
        mediaTypes: ['application/zip'],
        headers: ['Content-Length', 'Content-Disposition', 'Cache-Control'],
      },
    },
    refusals: [...batchRefusals, 'not_completed', 'result_gone', 'invalid_value'],
  },
} as const satisfies Record<string, Operation>;
