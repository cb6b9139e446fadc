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
      ? issue.keys.map((key) => unknownField(key, fields))
      : [fieldProblem(issue)],
  );
}

function unknownField(key: string, fields: readonly string[]): FieldProblem {
  const nearest = closest(key.slice(0, 50), fields);
  const hint = distance(key.slice(0, 50), nearest) <= 3 ? `; did you mean ${nearest}?` : '';
  const shown = JSON.stringify(key.slice(0, 50));
  return {
    pointer: pointerTo([key.slice(0, 50)]),
    code: 'unknown_field',
    detail: `${shown} is not a field that is known here${hint}`,
  };
}

function fieldProblem(issue: Issue): FieldProblem {
  // Zod says "Invalid input: expected number, received string"; our sentence has the field in its middle.
  const { expected = 'another value', received } = expectationIn(issue.message) ?? {};
  const what = issue.code === 'invalid_value' ? `one of ${issue.values.join(', ')}` : expected;
  const detail = `Expected ${what} for ${issue.path.join('.') || 'the body'}`;
  const ending =
    received === undefined ? '' : `, received ${received === 'undefined' ? 'nothing' : received}`;
  return { pointer: pointerTo(issue.path), code: codeOf(issue), detail: detail + ending };
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
