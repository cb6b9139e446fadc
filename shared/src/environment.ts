// From environment variables to settings: one place that parses, and that words what is wrong with them.
import type { z } from 'zod';
import { expectationIn } from './expectation.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the environment with a schema of the variables that an app knows; others are ignored, and a variable that is
 * set to nothing counts as not set.
 * @throws Error whose message lists every problem, one per line: expected what, for which setting, received what.
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => sentence(issue, given)).join('\n'));
}

function sentence(issue: z.core.$ZodIssue, given: Environment): string {
  // A variable that holds a list has a path into it; what was received is the whole of it.
  const name = String(issue.path[0] ?? '');
  // Zod says "Invalid input: expected number, received NaN"; what it received is its own view after coercion.
  const expectation = expectationIn(issue.message);
  if (name === '') return issue.message;
  const expected = expectation ? `expected ${expectation.expected}` : issue.message;
  const sentence = `${expected}, for ${name}, received ${shown(name, given[name])}`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** An address may have a name and, as a rule, a password before its host. */
function mayNameUser(value: string): boolean {
  return value.includes('@') && /[:/]/.test(value);
}

function shown(name: string, value: string | undefined): string {
  if (value === undefined) return 'nothing';
  const isSecret = /KEY|SECRET|TOKEN|PASSWORD|CONNECTION_STRING/.test(name) || mayNameUser(value);
  return isSecret ? 'a value that is secret' : `"${value}"`;
}
