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
} as const;

export const inputFormats = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;
export type InputFormat = (typeof inputFormats)[number];

export const outputFormats = ['png', 'jpeg', 'webp'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export const defaultModel = 'impasto-v1';

const base64Image = z.string().min(1);
const fraction = z.number().min(0).max(1);

/**
 * The body of `POST /api/style-transfer`. Images are base64, plain or as a data URI. Unknown fields are
 * refused, so that a misspelt parameter is never silently dropped.
 */
export const submissionBodySchema = z.strictObject({
  content_image: base64Image,
  style_image: base64Image,
  /** How much of the style replaces the content's own look; 0 gives the photograph back. */
  influence: fraction.default(0.7),
  /** How far the picture may leave the photograph; below 0.5 its own colours are kept more and more. */
  creativity: fraction.default(0.5),
  additional_prompt: z
    .string()
    .max(limits.maxPromptCharacters)
    .refine((text) => text.isWellFormed(), {
      params: { code: 'invalid_text' },
      message: 'expected well-formed Unicode',
    })
    .default(''),
  output_format: z.enum(outputFormats).default('png'),
  /** Encoder quality of a jpeg or webp result. */
  output_quality: z.int().min(1).max(100).default(90),
  /** Longer side of the result in pixels; a picture is never enlarged to reach it. */
  max_side: z.int().min(limits.minResultSidePixels).max(limits.maxResultSidePixels).default(1024),
  model: z.string().min(1).max(100).optional(),
  /** For models that draw random numbers. */
  seed: z.int().min(0).optional(),
});

export type SubmissionBody = z.infer<typeof submissionBodySchema>;

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
