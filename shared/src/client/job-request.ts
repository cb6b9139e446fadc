// What a caller may ask the client for, its check before anything is sent, and the body that goes over the wire.
import {
  limits,
  type OutputFormat,
  type SubmissionBody,
  submissionBodySchema,
  type WebhookEvent,
} from '../submission.ts';
import { toBase64 } from './base64.ts';
import { checkAgainst } from './check-parameters.ts';
import { StyleTransferError } from './error.ts';

/** How to paint. What is left out takes the service's default. */
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

/** What is to be done with a job beside painting. */
export interface HandlingParameters {
  /** The caller's own notes, given back with the job, by which lists can be filtered: at most 16 pairs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** An https address that is told of what becomes of the job; see `verifyWebhook`. */
  readonly webhookUrl?: string | undefined;
  /** By default every end of a job, and not `job.started`. */
  readonly webhookEvents?: readonly WebhookEvent[] | undefined;
  /** How long job and pictures are kept once the job has ended: 1 to 720. */
  readonly retentionHours?: number | undefined;
  /** Paint anew even where the same picture was painted before. */
  readonly noCache?: boolean | undefined;
}

export type JobParameters = StyleParameters & HandlingParameters;

/** Images are the bytes of JPEG, PNG, WebP, AVIF, GIF or TIFF files. */
export interface JobRequest extends StyleParameters, HandlingParameters {
  readonly contentImage: Uint8Array;
  readonly styleImage: Uint8Array;
}

const styleNames = {
  influence: 'influence',
  creativity: 'creativity',
  additionalPrompt: 'additional_prompt',
  outputFormat: 'output_format',
  outputQuality: 'output_quality',
  maxSide: 'max_side',
  model: 'model',
  seed: 'seed',
} as const satisfies Record<keyof StyleParameters, keyof SubmissionBody>;

const handlingNames = {
  metadata: 'metadata',
  webhookUrl: 'webhook_url',
  webhookEvents: 'webhook_events',
  retentionHours: 'retention_hours',
  noCache: 'no_cache',
} as const satisfies Record<keyof HandlingParameters, keyof SubmissionBody>;

const parameterSchema = submissionBodySchema.omit({ content_image: true, style_image: true });

export function styleOnWire(parameters: StyleParameters): Record<string, unknown> {
  const names = Object.entries(styleNames) as [keyof StyleParameters, string][];
  return Object.fromEntries(names.map(([name, wireName]) => [wireName, parameters[name]]));
}

export function parametersOnWire(parameters: JobParameters): Record<string, unknown> {
  const names = Object.entries(handlingNames) as [keyof HandlingParameters, string][];
  const handling = Object.fromEntries(names.map(([name, wireName]) => [wireName, parameters[name]]));
  return { ...styleOnWire(parameters), ...handling };
}

/** Throws `invalid_argument` with every parameter that the service would refuse. */
export function checkParameters(parameters: JobParameters): void {
  checkAgainst(parameterSchema, parametersOnWire(parameters));
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
    ...parametersOnWire(request),
  });
}
