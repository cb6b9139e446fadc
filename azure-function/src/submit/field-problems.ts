// Turns what zod found wrong with a body into problems with a pointer, a stable code and a plain sentence.
import {
  type ErrorCode,
  expectationIn,
  type FieldProblem,
  isErrorCode,
  submissionBodySchema,
} from '@impasto/shared';
import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const fieldsOfJob: readonly string[] = Object.keys(submissionBodySchema.shape);

/** @param fields the names that there are, for a hint at the one that was meant. */
export function fieldProblems(issues: readonly Issue[], fields = fieldsOfJob): FieldProblem[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownField(issue.path, key, fields))
      : [fieldProblem(issue)],
  );
}

function unknownField(path: readonly PropertyKey[], key: string, fields: readonly string[]): FieldProblem {
  const nearest = closest(key.slice(0, 50), fields);
  const hint = distance(key.slice(0, 50), nearest) <= 3 ? `; did you mean ${nearest}?` : '';
  const shown = JSON.stringify(key.slice(0, 50));
  return {
    pointer: pointerTo([...path, key.slice(0, 50)]),
    code: 'unknown_field',
    detail: `${shown} is not a field that is known here${hint}`,
  };
}

function fieldProblem(issue: Issue): FieldProblem {
  // The name of a pair is what is wrong, and has an issue of its own.
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  const { expected, received } = expectationOf(inner ?? issue);
  const path = issue.path.map((part) => String(part).slice(0, shownCharacters));
  const detail = `Expected ${expected} for ${inner ? 'each name in metadata' : path.join('.') || 'the body'}`;
  const ending =
    received === undefined ? '' : `, received ${received === 'undefined' ? 'nothing' : received}`;
  return { pointer: pointerTo(path), code: codeOf(inner ?? issue), detail: detail + ending };
}

/** As much of a name that the caller made up as is given back. */
const shownCharacters = 80;

const noun: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
};
const unit: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

// Zod says "Invalid input: expected number, received string"; our sentence has the field in its middle.
function expectationOf(issue: Issue): { expected: string; received?: string } {
  switch (issue.code) {
    case 'invalid_value':
      return { expected: `one of ${issue.values.join(', ')}` };
    case 'too_small':
    case 'too_big':
      return { expected: boundOf(issue) };
    default: {
      const said = expectationIn(issue.message) ?? { expected: 'another value' };
      // What JSON calls an object, zod calls a record where the names are free.
      return said.expected === 'record' ? { ...said, expected: 'object' } : said;
    }
  }
}

function boundOf(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const { [issue.origin]: what = 'a value' } = noun;
  const { [issue.origin]: counted = '' } = unit;
  if (issue.code === 'too_big') return `${what} of at most ${issue.maximum}${counted}`;
  const isEmpty = counted !== '' && issue.minimum === 1;
  return isEmpty ? `${what} that is not empty` : `${what} of at least ${issue.minimum}${counted}`;
}

function codeOf(issue: Issue): ErrorCode {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.path.length === 0) return 'invalid_body';
      return issue.message.includes('undefined') ? 'required' : 'invalid_type';
    case 'too_small':
    case 'too_big':
      if (issue.origin !== 'string') return 'out_of_range';
      return issue.code === 'too_big' ? 'too_long' : 'required';
    case 'custom': {
      const code = String(issue.params?.code);
      return isErrorCode(code) ? code : 'invalid_value';
    }
    default:
      return 'invalid_value';
  }
}

/** JSON Pointer, RFC 6901. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
