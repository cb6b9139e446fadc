// The JSON of dead letters on the wire, snake_case, by the same rule as in wire.ts: fields may be added.
import { z } from 'zod';

/** One line of a listing. */
const deadLetterItemSchema = z.object({
  /** The id of the job, or `message-{hash}` for a message that led to none. */
  id: z.string(),
  job_id: z.uuid().nullable(),
  /** The error code that ended the job, or what is wrong with the message. */
  reason: z.string(),
  /** `open`, `replayed` or `purged`. */
  state: z.string(),
  failed_at: z.string(),
  /** How often the job had been replayed when it failed. */
  replays: z.int().nullable(),
  dead_letter_url: z.string(),
  status_url: z.string().nullable(),
});
export type DeadLetterItem = z.infer<typeof deadLetterItemSchema>;

const nextCursor = z.string().nullable();

/** Answer to `GET /api/dead-letters`. A page may hold fewer letters than asked for, even none, before the last. */
export const deadLetterListSchema = z.object({
  items: z.array(deadLetterItemSchema),
  next_cursor: nextCursor,
});
export type DeadLetterList = z.infer<typeof deadLetterListSchema>;

/** Answer to `GET /api/dead-letters/{id}`. */
export const deadLetterViewSchema = deadLetterItemSchema.extend({
  message: z.string(),
  attempt: z.int().nullable(),
  /** The text of a message that could not be read, cut to 1 KiB. */
  text: z.string().nullable(),
  replayable: z.boolean(),
  not_replayable_because: z.string().nullable(),
});
export type DeadLetterView = z.infer<typeof deadLetterViewSchema>;

const bulkAnswer = {
  /** Letters left as they are, each with the reason. */
  skipped: z.array(
    z.object({ id: z.string(), job_id: z.string().nullable(), code: z.string(), detail: z.string() }),
  ),
  next_cursor: nextCursor,
  /** Whether the same call with `next_cursor` may find more. */
  more: z.boolean(),
};

/** Answer to `POST /api/dead-letters/replay`. */
export const bulkReplaySchema = z.object({ replayed: z.int(), ...bulkAnswer });
export type BulkReplay = z.infer<typeof bulkReplaySchema>;

/** Answer to `DELETE /api/dead-letters`. */
export const bulkPurgeSchema = z.object({ purged: z.int(), ...bulkAnswer });
export type BulkPurge = z.infer<typeof bulkPurgeSchema>;

/** How many letters one request lists, or replays or purges, at most. */
export const deadLetterLimits = { page: 200, bulk: 100 } as const;

/** What a listing can be narrowed to. */
export const deadLetterStates = ['open', 'replayed', 'purged', 'all'] as const;
