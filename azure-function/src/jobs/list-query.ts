// What callers may ask of the list of jobs. A filter that is misspelt is refused: ignored, it would show everything.
import type { HttpRequest } from '@azure/functions';
import { type Job, JobError, jobIdInIndexName, jobSchema } from '@impasto/shared';
import { z } from 'zod';
import { fieldProblems } from '../submit/field-problems.ts';
import { refusal } from '../submit/submission-form.ts';

const statuses = jobSchema.options.map((option) => option.shape.status.value);
const mostPerPage = 100;
const mostFilters = 50;

const once = <T>(schema: z.ZodType<T, string>) =>
  z
    .array(z.string())
    .refine(({ length }) => length === 1, 'expected one value')
    .transform(([value = '']) => value)
    .pipe(schema);

const tagSchema = z
  .string()
  .max(1000)
  .regex(/^[^:]+:/, 'expected key:value')
  .transform((text): readonly [string, string] => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon), text.slice(colon + 1)];
  });

/** In digits: not as `0x10` or `1e1`, which are numbers too. */
const wholeNumber = z.string().transform((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN));

const querySchema = z.strictObject({
  /** Repeated, or with commas between: any of them. */
  status: z
    .array(z.string().transform((list) => list.split(',').map((one) => one.trim())))
    .transform((lists) => lists.flat())
    .pipe(z.array(z.enum(statuses)).min(1).max(mostFilters))
    .optional(),
  model: once(z.string().min(1).max(100)).optional(),
  /** Repeated: all of them. */
  tag: z.array(tagSchema).max(mostFilters).optional(),
  batch_id: once(z.string().toLowerCase().pipe(z.uuid())).optional(),
  limit: once(wholeNumber.pipe(z.int().min(1).max(mostPerPage))).default(20),
  cursor: once(z.string().min(1).max(4000)).optional(),
});

/** Where the platform takes its key from, if it is not in a header. */
const keyParameter = 'code';

export type JobQuery = z.infer<typeof querySchema>;

/** @throws JobError with the fields of the problem. */
export function jobQueryOf(request: HttpRequest): JobQuery {
  // Of the address itself: the platform's own reading of it knows each name once.
  const { searchParams } = new URL(request.url);
  const names = [...new Set(searchParams.keys())].filter((name) => name !== keyParameter);
  const given = Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)]));
  const parsed = querySchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw refusal(fieldProblems(parsed.error.issues, Object.keys(querySchema.shape)));
}

/** Whether the job is one of those that are asked for. */
export function isWanted(job: Job, { status, model, tag = [], batch_id }: JobQuery): boolean {
  return (
    (status === undefined || status.includes(job.status)) &&
    (model === undefined || job.parameters.model === model) &&
    (batch_id === undefined || job.batch?.id === batch_id) &&
    tag.every(([key, value]) => Object.hasOwn(job.metadata, key) && job.metadata[key] === value)
  );
}

/** Whether some jobs may be left out. */
export function isFiltered({ status, model, tag, batch_id }: JobQuery): boolean {
  return [status, model, tag, batch_id].some((filter) => filter !== undefined);
}

/** Where a page of jobs begins: after this name, in the page of the index that the storage's own cursor leads to. */
export interface Place {
  readonly page?: string | undefined;
  readonly after?: string | undefined;
}

const placeSchema = z
  .strictObject({
    page: z.string().min(1).optional(),
    after: z
      .string()
      .refine((name) => jobIdInIndexName(name) !== undefined)
      .optional(),
  })
  .refine(({ page, after }) => page !== undefined || after !== undefined);

export function cursorTo(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws JobError `invalid_cursor`. */
export function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return {};
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (error) {
    const message = 'Expected a cursor from an earlier page, received another text';
    throw new JobError('invalid_cursor', message, { cause: error });
  }
}
