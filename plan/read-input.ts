// Reads a JSON file whose content a schema describes, writes files, and words what is wrong with them.
import { readFile } from 'node:fs/promises';
import { expectationIn, messageOf } from '@impasto/shared';
import type { z } from 'zod';

/** @throws Error that lists every problem, one a line: what was expected, for which field of which file, what came. */
export async function readInput<Schema extends z.ZodType>(
  file: string | URL,
  schema: Schema,
): Promise<z.output<Schema>> {
  const name = file instanceof URL ? file.pathname : file;
  const value = parseJson(await readText(file, name), name);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => sentence(issue, name, value)).join('\n'));
}

/** @param name how the file is called in an error. @throws Error in one sentence. */
export async function readText(file: string | URL, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`Expected a file that can be read, for ${name}, received ${messageOf(error)}`);
  }
}

/** @throws Error in one sentence, which names the file as it was typed. */
export async function writing(name: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new Error(`Expected a file that can be written, for ${name}, received ${messageOf(error)}`);
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Expected JSON, for ${name}, received what cannot be parsed: ${messageOf(error)}`);
  }
}

function sentence(issue: z.core.$ZodIssue, name: string, value: unknown): string {
  const expectation = expectationIn(issue.message);
  const expected = expectation ? `Expected ${expectation.expected}` : issue.message;
  const field = issue.path.length === 0 ? name : `${issue.path.join('.')} in ${name}`;
  return `${expected}, for ${field}, received ${shown(at(value, issue.path))}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)} ...` : text;
}
