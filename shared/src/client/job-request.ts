// What a caller may ask the client for, its check before anything is sent, and the body that goes over the wire.
import type { z } from 'zod';
import { expectationIn } from '../expectation.ts';
import { limits, type OutputFormat, type SubmissionBody, submissionBodySchema } from '../submission.ts';
import { toBase64 } from './base64.ts';
import { StyleTransferError } from './error.ts';

/** The parameters of a job. What is left out takes the service's default. */
export interface StyleParameters {
  /** 0..1: how much of the style replaces the photograph's own look. */
  readonly influence?: number | undefined;
  /** 0..1: how far the picture may leave the photograph. */
  readonly creativity?: number | undefined;
  /** Plain words such as "vibrant colors", at most 500 characters. */
  readonly additionalPrompt?: string | undefined;
  readonly outputFormat?: OutputFormat | undefined;
  /** 1..100, for jpeg and webp. */
  readonly outputQuality?: number | undefined;
  /** Longer side of the result in pixels, 16..4096; never enlarged. */
  readonly maxSide?: number | undefined;
  readonly model?: string | undefined;
  /** For models that draw random numbers: a whole number, 0 or more. */
  readonly seed?: number | undefined;
}

/** Images are the bytes of JPEG, PNG, WebP, AVIF, GIF or TIFF files. */
export interface JobRequest extends StyleParameters {
  readonly contentImage: Uint8Array;
  readonly styleImage: Uint8Array;
}

const wireNames = {
  influence: 'influence',
  creativity: 'creativity',
  additionalPrompt: 'additional_prompt',
  outputFormat: 'output_format',
  outputQuality: 'output_quality',
  maxSide: 'max_side',
  model: 'model',
  seed: 'seed',
} as const satisfies Record<keyof StyleParameters, keyof SubmissionBody>;

const parameterSchema = submissionBodySchema.omit({ content_image: true, style_image: true });

function wireParameters(parameters: StyleParameters): Record<string, unknown> {
  const names = Object.entries(wireNames) as [keyof StyleParameters, string][];
  return Object.fromEntries(names.map(([name, wireName]) => [wireName, parameters[name]]));
}

/** Throws `invalid_argument` with every parameter that the service would refuse. */
export function checkParameters(parameters: StyleParameters): void {
  const wire = wireParameters(parameters);
  const parsed = parameterSchema.safeParse(wire);
  if (parsed.success) return;
  const message = parsed.error.issues.map((issue) => sentenceOf(issue, wire)).join(' ');
  throw new StyleTransferError('invalid_argument', message, { cause: parsed.error });
}

/** Turns "Too big: expected number to be <=1" into the sentence that names parameter and value. */
function sentenceOf(issue: z.core.$ZodIssue, wire: Record<string, unknown>): string {
  const name = Object.entries(wireNames).find(([, wireName]) => wireName === issue.path[0])?.[0];
  const expected = expectationIn(issue.message)?.expected ?? 'another value';
  const value = wire[String(issue.path[0])];
  const received =
    typeof value === 'string' && value.length > 60 ? `${value.length} characters` : JSON.stringify(value);
  return `Expected ${expected} for ${name}, received ${typeof value === 'number' ? value : received}.`;
}

/** Throws `local_file` unless there are between 1 byte and the service's limit. `name` is used in the message. */
export function checkImageSize(bytes: number, name: string): void {
  if (bytes === 0) {
    throw new StyleTransferError('local_file', `Expected an image for ${name}, received 0 bytes.`);
  }
  if (bytes > limits.maxImageBytes) {
    const message = `Expected at most ${limits.maxImageBytes} bytes for ${name}, received ${bytes}.`;
    throw new StyleTransferError('local_file', message);
  }
}

/** The JSON body of a submission, checked; parameters that are not given are left to the service. */
export function submissionJson(request: JobRequest): string {
  checkParameters(request);
  checkImageSize(request.contentImage.length, 'contentImage');
  checkImageSize(request.styleImage.length, 'styleImage');
  return JSON.stringify({
    content_image: toBase64(request.contentImage),
    style_image: toBase64(request.styleImage),
    ...wireParameters(request),
  });
}
