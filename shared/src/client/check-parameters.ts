// Parameters held against the schema of the body that they become, and what is wrong with them in the caller's words.
import type { ZodType, z } from 'zod';
import { expectationIn } from '../expectation.ts';
import { StyleTransferError } from './error.ts';

/** Throws `invalid_argument` with a sentence for everything that the service would refuse. */
export function checkAgainst(schema: ZodType, wire: Record<string, unknown>): void {
  const parsed = schema.safeParse(wire);
  if (parsed.success) return;
  const message = parsed.error.issues.map((issue) => sentenceOf(issue, wire)).join(' ');
  throw new StyleTransferError('invalid_argument', message, { cause: parsed.error });
}

/** Turns "Too big: expected number to be <=1" into the sentence that names parameter and value. */
function sentenceOf(issue: z.core.$ZodIssue, wire: Record<string, unknown>): string {
  // What is wrong with a name of a record is told one level deeper.
  const told = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message;
  const expected = expectationIn(told)?.expected ?? 'another value';
  const value = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(wire, issue.path);
  return `Expected ${expected} for ${nameOf(issue.path)}, received ${inWords(value)}.`;
}

function inWords(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value.length > 60) return `${value.length} characters`;
  if (Array.isArray(value)) return `${value.length} of them`;
  if (typeof value === 'object' && value !== null) return `${Object.keys(value).length} of them`;
  return JSON.stringify(value);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (inner, key) => (Object(inner) === inner ? Reflect.get(Object(inner), key) : undefined),
    value,
  );
}

/** `items`, 3, `max_side` is `items[3].maxSide` to the caller; names in his own metadata are his own. */
function nameOf(path: readonly PropertyKey[]): string {
  const parts = path.map((key, depth) => {
    if (typeof key === 'number') return `[${key}]`;
    const text = String(key);
    const name = path[0] === 'metadata' ? text : text.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    return depth === 0 ? name : `.${name}`;
  });
  return parts.join('');
}
