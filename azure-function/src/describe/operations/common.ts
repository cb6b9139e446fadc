// What several operations take and refuse alike.
import { limits } from '@impasto/shared';
import { z } from 'zod';
import type { Content, Operation } from '../operation.ts';

export const keyRefusals = [
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'idempotency_in_flight',
] as const;

/** Of a JSON body. */
export const bodyRefusals = [
  'invalid_json',
  'invalid_body',
  'unsupported_media_type',
  'unsupported_encoding',
  'required',
  'unknown_field',
  'invalid_type',
  'invalid_value',
  'out_of_range',
  'too_long',
] as const;

export const submissionRefusals = [
  ...bodyRefusals,
  'invalid_text',
  'unknown_model',
  'webhook_url_forbidden',
  'webhooks_off',
] as const;

export const imageRefusals = [
  'invalid_base64',
  'image_too_large',
  'unsupported_image_format',
  'image_too_small',
  'too_many_pixels',
  'aspect_ratio',
  'image_corrupt',
] as const;

export const waitQuery = z
  .int()
  .min(0)
  .optional()
  .meta({
    description: `Seconds to wait until it is done; more than ${limits.maxWaitSeconds} count as ${limits.maxWaitSeconds}.`,
    examples: [20],
  });

/** Of what can be waited for and asked about with the tag of the answer before. */
export function answersToWaiting(description: string, content: Content): Operation['answers'] {
  const told = {
    headers: ['ETag', 'Cache-Control'],
    sometimes: ['Retry-After', 'Preference-Applied'],
  } as const;
  return { 200: { description, content, ...told }, 304: { description: 'Nothing has changed.', ...told } };
}
