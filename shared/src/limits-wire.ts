// The JSON of `GET /api/limits`: what a caller may ask for, so that nobody has to find out by refusals.
import { z } from 'zod';
import { inputFormats, limits, outputFormats, webhookEvents } from './submission.ts';

export const limitsViewSchema = z.object({
  max_image_bytes: z.int(),
  max_image_pixels: z.int(),
  min_image_side_pixels: z.int(),
  max_aspect_ratio: z.number().describe('Longer side divided by shorter side.'),
  max_prompt_characters: z.int(),
  max_body_bytes: z.int(),
  min_result_side_pixels: z.int(),
  max_result_side_pixels: z.int(),
  max_batch_jobs: z.int().describe('Never more than `max_queued`.'),
  max_metadata_pairs: z.int(),
  max_metadata_key_characters: z.int(),
  max_metadata_value_characters: z.int(),
  max_webhook_url_characters: z.int(),
  max_wait_seconds: z.number(),
  min_retention_hours: z.number(),
  max_retention_hours: z.number(),
  max_idempotency_key_characters: z.int(),
  max_listed_jobs: z.int(),
  max_queued: z
    .int()
    .describe('Jobs that may wait at the same time; beyond it a submission is answered `queue_full`.'),
  models: z
    .array(z.object({ name: z.string(), version: z.string().nullable() }))
    .describe('The first paints where a submission names none.'),
  input_formats: z.array(z.string()),
  output_formats: z.array(z.string()),
  webhook_events: z.array(z.string()),
  webhooks_enabled: z.boolean(),
});
export type LimitsView = z.infer<typeof limitsViewSchema>;

/** What is set, and not fixed. */
export type LimitsFacts = Pick<LimitsView, 'max_queued' | 'models' | 'webhooks_enabled'>;

export function limitsView(facts: LimitsFacts): LimitsView {
  return {
    max_image_bytes: limits.maxImageBytes,
    max_image_pixels: limits.maxImagePixels,
    min_image_side_pixels: limits.minImageSidePixels,
    max_aspect_ratio: limits.maxAspectRatio,
    max_prompt_characters: limits.maxPromptCharacters,
    max_body_bytes: limits.maxBodyBytes,
    min_result_side_pixels: limits.minResultSidePixels,
    max_result_side_pixels: limits.maxResultSidePixels,
    max_batch_jobs: Math.min(limits.maxBatchJobs, facts.max_queued),
    max_metadata_pairs: limits.maxMetadataPairs,
    max_metadata_key_characters: limits.maxMetadataKeyCharacters,
    max_metadata_value_characters: limits.maxMetadataValueCharacters,
    max_webhook_url_characters: limits.maxWebhookUrlCharacters,
    max_wait_seconds: limits.maxWaitSeconds,
    min_retention_hours: limits.minRetentionHours,
    max_retention_hours: limits.maxRetentionHours,
    max_idempotency_key_characters: limits.maxIdempotencyKeyCharacters,
    max_listed_jobs: limits.maxListedJobs,
    input_formats: [...inputFormats],
    output_formats: [...outputFormats],
    webhook_events: [...webhookEvents],
    ...facts,
  };
}
