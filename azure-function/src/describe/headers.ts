// Headers of answers, each described once.
import { z } from 'zod';

const wholeSeconds = z.string().regex(/^\d+$/);

export const answerHeaders = {
  'X-Request-Id': z.uuid().describe('The log of the service has the request under this id.'),
  Location: z.url().describe('Where to ask how it is doing.'),
  'Retry-After': wholeSeconds.describe('Whole seconds after which asking again is worth it.'),
  ETag: z
    .string()
    .regex(/^(W\/)?"[^"]*"$/)
    .describe(
      'Stands for this very answer; send it as `If-None-Match`, and `304` says that nothing changed.',
    ),
  'Preference-Applied': z
    .string()
    .regex(/^wait=\d+$/)
    .describe('That `Prefer: wait` was followed: the work is done, or was waited for as long as that.'),
  'Idempotency-Replayed': z
    .literal('true')
    .describe('This is the answer to an earlier request with the same key.'),
  'Content-Length': wholeSeconds.describe('Bytes.'),
  'Content-Range': z
    .string()
    .regex(/^bytes (\d+-\d+|\*)\/\d+$/)
    .describe('Which bytes these are, of how many.'),
  'Accept-Ranges': z.literal('bytes').describe('Parts can be asked for with `Range`.'),
  'Content-Disposition': z.string().describe('The name of the file.'),
  'Cache-Control': z.string().describe('Who may keep the answer, and for how long.'),
  Allow: z.string().describe('The methods that the address takes.'),
} as const;

export type HeaderName = keyof typeof answerHeaders;

/** For requests. */
export const requestHeaders = {
  prefer: z
    .string()
    .optional()
    .meta({
      description:
        'With `wait=N` (RFC 7240) the answer comes as soon as the work is done, at the latest after N seconds, of which more than 60 count as 60. Anything else is passed over.',
      examples: ['wait=20'],
    }),
  idempotencyKey: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[\x21-\x7e]+$/)
    .optional()
    .meta({
      description:
        'A name for this request, made up by the caller: 1 to 255 visible ASCII characters. The same request under the same key is done once, however often it is sent; the key is kept for at least 24 hours. What counts is what was asked for, not the form of its JSON: a field with its default is as one that was left out, but a model that is named is not as one that was left to the service.',
      examples: ['7c0b5c8e-2f7e-4c6e-9f53-1f4b8a2f6d11'],
    }),
  ifNoneMatch: z
    .string()
    .optional()
    .meta({ description: 'The `ETag` of an earlier answer.', examples: ['"0x8DCA2-none"'] }),
  ifMatch: z
    .string()
    .optional()
    .meta({ description: 'An `ETag`: where it is another one by now, nothing is sent but `412`.' }),
  range: z
    .string()
    .optional()
    .meta({
      description: 'One range of bytes (RFC 9110). Several at once are answered with the whole.',
      examples: ['bytes=0-1023'],
    }),
  ifRange: z
    .string()
    .optional()
    .meta({ description: 'An `ETag`: where it is another one by now, the whole is sent and not the range.' }),
  lastEventId: z
    .string()
    .optional()
    .meta({ description: 'The id of the last event that was seen; that one is not sent again.' }),
} as const;
