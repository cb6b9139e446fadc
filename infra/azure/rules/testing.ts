// Templates as text, and planted mistakes in them: every rule is tried on a template that breaks it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const azureFolder = join(import.meta.dirname, '..');
export const rootFolder = join(azureFolder, '..', '..');

/** A file of infra/azure, by its path in there. */
export function readAzure(path: string): string {
  return readFileSync(join(azureFolder, path), 'utf8');
}

/** JSON of infra/azure; its shape is the caller's to check. */
export function readAzureJson(path: string): unknown {
  return JSON.parse(readAzure(path));
}

/** The text with one mistake in it. @throws where `right` is not in it exactly once. */
export function plant(text: string, right: string, wrong: string): string {
  const times = text.split(right).length - 1;
  assert.equal(
    times,
    1,
    `Expected ${JSON.stringify(right)} once, for a mistake to be planted, received ${times}`,
  );
  return text.replace(right, () => wrong);
}
