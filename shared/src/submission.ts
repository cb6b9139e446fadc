// What a caller may ask for: every field, default and limit of a submission, in one place.
import { z } from 'zod';

const MiB = 1024 * 1024;

export const limits = {
  /** Decoded bytes of one image. */
  maxImageBytes: 20 * MiB,
  maxImagePixels: 50_000_000,
  minImageSidePixels: 16,
  /** Longer side divided by shorter side. */
  maxAspectRatio: 50,
  maxPromptCharacters: 500,
  /** Two images of the largest size in base64 (4 characters for 3 bytes), with room for the other fields. */
  maxBodyBytes: 2 * Math.ceil((20 * MiB) / 3) * 4 + 64 * 1024,
  maxResultSidePixels: 4096,
  minResultSidePixels: 16,
  /** Jobs of one batch. */
  maxBatchJobs: 200,
  /** A caller's own notes on a job: so many pairs, of so many characters. */
  maxMetadataPairs: 16,
  maxMetadataKeyCharacters: 64,
  maxMetadataValueCharacters: 256,
  maxWebhookUrlCharacters: 2048,
  /** How long one request may wait for a job to be done. */
  maxWaitSeconds: 60,
  minRetentionHours: 1,
  maxRetentionHours: 30 * 24,
  maxIdempotencyKeyCharacters: 255,
  /** Jobs on one page of the list. */
  maxListedJobs: 100,
} as const;

export const inputFormats = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;
export type InputFormat = (typeof inputFormats)[number];

export const outputFormats = ['png', 'jpeg', 'webp'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export const defaultModel = 'impasto-v1';

/** What a receiver can be told of. */
export const webhookEvents = [
  'job.started',
  'job.completed',
  'job.failed',
  'job.canceled',
  'job.expired',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];
const everyEnd = webhookEvents.filter((event) => event !== 'job.started');

const base64Image = z
  .string()
  .min(1)
  .describe('An image in base64, plain or as a data URI: JPEG, PNG, WebP, AVIF, GIF (first frame) or TIFF.');
const fraction = z.number().min(0).max(1);
const wellFormed = (text: string) => text.isWellFormed();
const notWellFormed = { params: { code: 'invalid_text' }, message: 'expected well-formed Unicode' };

const metadataSchema = z
  .record(
    z
      .string()
      .max(limits.maxMetadataKeyCharacters)
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
        'expected a name of letters, digits, dots, dashes and underscores',
      ),
    z.string().max(limits.maxMetadataValueCharacters).refine(wellFormed, notWellFormed),
  )
  .refine(
    (pairs) => Object.keys(pairs).length <= limits.maxMetadataPairs,
    `expected at most ${limits.maxMetadataPairs} pairs`,
  )
  .meta({ maxProperties: limits.maxMetadataPairs });

/** How to paint, for those who give defaults and for those who do not. */
const paintingTypes = {
  influence: fraction.describe(
    "How much of the style replaces the content's own look; 0 gives the photograph back.",
  ),
  creativity: fraction.describe(
    'How far the picture may leave the photograph; below 0.5 its own colours are kept more and more.',
  ),
  additional_prompt: z
    .string()
    .max(limits.maxPromptCharacters)
    .refine(wellFormed, notWellFormed)
    .describe('A wish in words; which of them were followed is in the result.'),
  output_format: z.enum(outputFormats).describe('How the picture is encoded.'),
  output_quality: z.int().min(1).max(100).describe('Encoder quality of a jpeg or webp result.'),
  max_side: z
    .int()
    .min(limits.minResultSidePixels)
    .max(limits.maxResultSidePixels)
    .describe('Longer side of the result in pixels; a picture is never enlarged to reach it.'),
  model: z
    .string()
    .min(1)
    .max(100)
    .describe('The name of a model that `GET /api/limits` lists; left out, the first of them paints.'),
  seed: z.int().min(0).describe('For models that draw random numbers.'),
};

const paintingFields = {
  influence: paintingTypes.influence.default(0.7),
  creativity: paintingTypes.creativity.default(0.5),
  additional_prompt: paintingTypes.additional_prompt.default(''),
  output_format: paintingTypes.output_format.default('png'),
  output_quality: paintingTypes.output_quality.default(90),
  max_side: paintingTypes.max_side.default(1024),
  model: paintingTypes.model.optional(),
  seed: paintingTypes.seed.optional(),
};

const handlingFields = {
  metadata: metadataSchema
    .default({})
    .describe("The caller's own notes, given back with the job; the list can be filtered by them."),
  webhook_url: z
    .string()
    .min(1)
    .max(limits.maxWebhookUrlCharacters)
    .optional()
    .describe('Who is told of what becomes of the job: an https address, and the events that it wants.'),
  webhook_events: z
    .array(z.enum(webhookEvents))
    .min(1)
    .default(everyEnd)
    .describe('Which events the receiver is told of; needs a `webhook_url`.'),
  retention_hours: z
    .number()
    .min(limits.minRetentionHours)
    .max(limits.maxRetentionHours)
    .optional()
    .describe(
      "How long the job and its pictures are kept once it has ended. Left out: the service's own times.",
    ),
  no_cache: z.boolean().default(false).describe('Paint anew even where the same picture was painted before.'),
};

/**
 * The body of `POST /api/style-transfer`. Images are base64, plain or as a data URI. Unknown fields are
 * refused, so that a misspelt parameter is never silently dropped.
 */
export const submissionBodySchema = z.strictObject({
  content_image: base64Image,
  style_image: base64Image,
  ...paintingFields,
  ...handlingFields,
});

export type SubmissionBody = z.infer<typeof submissionBodySchema>;

const imageNumber = z
  .int()
  .min(0)
  .max(limits.maxBatchJobs - 1);
/** Without defaults: what an item leaves out, it takes from its batch. */
const overridingFields = z.object(paintingTypes).partial().shape;

/**
 * The body of `POST /api/style-transfer/batch`. Each image is sent once. Without `items` every content is painted in
 * every style, contents first; with them each item names its pair by position, and may have its own parameters.
 */
export const batchBodySchema = z.strictObject({
  content_images: z.array(base64Image).min(1).max(limits.maxBatchJobs),
  style_images: z.array(base64Image).min(1).max(limits.maxBatchJobs),
  items: z
    .array(z.strictObject({ content: imageNumber, style: imageNumber, ...overridingFields }))
    .min(1)
    .max(limits.maxBatchJobs)
    .optional(),
  ...paintingFields,
  ...handlingFields,
});

export type BatchBody = z.infer<typeof batchBodySchema>;

/** The parameters of a job as its record keeps them: everything that was asked for but the images. */
export const jobParametersSchema = z.object({
  influence: fraction,
  creativity: fraction,
  additionalPrompt: z.string(),
  outputFormat: z.enum(outputFormats),
  outputQuality: z.int(),
  maxSide: z.int(),
  model: z.string(),
  seed: z.int().optional(),
});

export type JobParameters = z.infer<typeof jobParametersSchema>;

export const contentTypes: Readonly<Record<InputFormat, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  tiff: 'image/tiff',
};

export const fileExtensions: Readonly<Record<OutputFormat, string>> = {
  png: 'png',
  jpeg: 'jpg',
  webp: 'webp',
};
