// The JSON of webhooks on the wire: what a receiver is sent, and what a caller reads about it.
import { z } from 'zod';
import { extensible } from './extensible.ts';
import { webhookEvents } from './submission.ts';
import { errorViewSchema, jobLinksSchema } from './wire.ts';

const timestamp = z.iso.datetime();
const eventName = extensible(webhookEvents);

export const deliveryStates = ['pending', 'delivered', 'failed', 'disabled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const deliveryAttemptViewSchema = z.object({
  at: timestamp,
  http_status: z.int().nullable().describe('What the receiver answered; null where it did not.'),
  error: z.string().nullable().describe('Why there was no success, in one word; null where there was.'),
  latency_ms: z.number(),
});

/** What became of one event that a receiver wants to know. */
export const deliveryViewSchema = z.object({
  delivery_id: z.string(),
  event: eventName,
  webhook_id: z.string().describe('The `webhook-id` of every attempt.'),
  state: extensible(deliveryStates).describe(
    '`pending` is tried again, `failed` is not, `disabled` was asked by the receiver to stop.',
  ),
  created_at: timestamp,
  next_attempt_at: timestamp.nullable(),
  attempts: z.array(deliveryAttemptViewSchema),
  urls: z.object({ redeliver: z.string() }),
});
export type DeliveryView = z.infer<typeof deliveryViewSchema>;

/** Answer to `GET /api/jobs/{job_id}/deliveries`, oldest first. */
export const deliveryListSchema = z.object({
  job_id: z.uuid(),
  deliveries: z.array(deliveryViewSchema),
});
export type DeliveryList = z.infer<typeof deliveryListSchema>;

/** What a receiver is sent: below 20 kB, no images, and only links that do not expire. */
export const webhookPayloadSchema = z.object({
  type: eventName.describe('Such as `job.completed`.'),
  /** When it happened. */
  timestamp,
  data: z.object({
    job_id: z.uuid(),
    status: z.string(),
    done: z.boolean(),
    created_at: timestamp,
    completed_at: timestamp.nullable(),
    model: z.string(),
    metadata: z.record(z.string(), z.string()),
    batch_id: z.uuid().nullable(),
    error: errorViewSchema.nullable(),
    /** Facts about the picture; the picture itself is behind `urls.result`. */
    result: z
      .object({
        width: z.int(),
        height: z.int(),
        format: z.string(),
        bytes: z.int(),
        sha256: z.string(),
        processing_time: z.number().describe('Seconds.'),
      })
      .nullable(),
    urls: jobLinksSchema,
  }),
});
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;
