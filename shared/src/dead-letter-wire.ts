// The JSON of dead letters on the wire, snake_case, by the same rule as in wire.ts: fields may be added.
import { z } from 'zod';

/** One line of a listing. */
const deadLetterItemSchema = z.object({
  id: z.string().describe('The id of the job, or `message-{hash}` for a message that led to none.'),
  job_id: z.uuid().nullable(),
  reason: z.string().describe('The error code that ended the job, or what is wrong with the message.'),
  state: z.string().describe('`open`, `replayed` or `purged`.'),
  failed_at: z.string(),
  replays: z.int().nullable().describe('How often the job had been replayed when it failed.'),
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
  text: z.string().nullable().describe('The text of a message that could not be read, cut to 1 KiB.'),
  replayable: z.boolean(),
  not_replayable_because: z.string().nullable(),
});
export type DeadLetterView = z.infer<typeof deadLetterViewSchema>;

const bulkAnswer = {
  skipped: z
    .array(z.object({ id: z.string(), job_id: z.string().nullable(), code: z.string(), detail: z.string() }))
    .describe('Letters left as they are, each with the reason.'),
  next_cursor: nextCursor,
  more: z.boolean().describe('Whether the same call with `next_cursor` may find more.'),
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
