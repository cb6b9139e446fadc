// What callers may ask of the dead letters, in queries and bodies.
import type { HttpRequest } from '@azure/functions';
import { deadLetterLimits, deadLetterStates } from '@impasto/shared';
import { z } from 'zod';
import { assertFieldCount, assertJson, parseJson } from '../http/json-body.ts';
import { readBody } from '../http/read-body.ts';
import { fieldProblems } from '../submit/field-problems.ts';
import { refusal } from '../submit/submission-form.ts';

const { page, bulk } = deadLetterLimits;
const reason = z.string().min(1).max(100);
const cursor = z.string().min(1);

const listSchema = z.strictObject({
  reason: reason.optional(),
  state: z.enum(deadLetterStates).default('open'),
  limit: z.coerce.number().int().min(1).max(page).default(50),
  cursor: cursor.optional(),
});

// "All" has to be said: a reason that was forgotten must not mean it.
const selectionOf = <All extends z.ZodType>(all: All, limit: z.ZodType<number>) =>
  z
    .strictObject({
      reason: reason.optional(),
      all: all.optional(),
      limit: limit.default(bulk),
      cursor: cursor.optional(),
    })
    .refine((given) => (given.reason === undefined) !== (given.all === undefined), {
      message: 'expected one, or else "all" as true,',
      path: ['reason'],
      params: { code: 'required' },
    });

const replaySchema = selectionOf(z.literal(true), z.number().int().min(1).max(bulk));
const purgeSchema = selectionOf(z.literal('true'), z.coerce.number().int().min(1).max(bulk));

/** What to list. @throws JobError with the fields of the problem. */
export function listQueryOf(request: HttpRequest): z.infer<typeof listSchema> {
  return parse(listSchema, Object.fromEntries(request.query));
}

/** Which letters to purge, from the query. @throws JobError with the fields of the problem. */
export function purgeSelectionOf(request: HttpRequest): z.infer<typeof purgeSchema> {
  return parse(purgeSchema, Object.fromEntries(request.query));
}

/** Which letters to replay, from the body. @throws JobError with the fields of the problem. */
export async function replaySelectionOf(request: HttpRequest): Promise<z.infer<typeof replaySchema>> {
  assertJson(request);
  const value = await parseJson(await readBody(request));
  assertFieldCount(value);
  return parse(replaySchema, value);
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusal(fieldProblems(parsed.error.issues, ['reason', 'all', 'state', 'limit', 'cursor']));
}
