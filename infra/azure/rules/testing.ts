// Templates, and mistakes planted in them: every rule is tried on templates that break it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { formatFinding } from '../check/finding.ts';
import { parseBicep } from '../check/parse-bicep.ts';
import type { Template } from '../check/template.ts';
import type { Rule } from './rule.ts';

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

/** Paths of all templates in infra/azure. */
export function templateFiles(): string[] {
  const modules = readdirSync(join(azureFolder, 'modules')).map((name) => `modules/${name}`);
  return ['main.bicep', ...modules];
}

/** The text with one mistake in it. @throws where `right` is not in it exactly once. */
export function plant(text: string, right: string, wrong: string): string {
  const times = text.split(right).length - 1;
  assert.equal(times, 1, `Expected ${JSON.stringify(right)} once, for planting a mistake, received ${times}`);
  return text.replace(right, () => wrong);
}

/** By file: what stands there, and what is to stand there instead. */
export type Mistakes = Readonly<Record<string, readonly [right: string, wrong: string]>>;

async function findings(rule: Rule, mistakes: Mistakes = {}): Promise<string[]> {
  const templates = templateFiles().map((file) => {
    const mistake = mistakes[file];
    return mistake ? parse(file, plant(readAzure(file), ...mistake)) : parsedAsItIs(file);
  });
  const found = rule(await Promise.all(templates));
  return found.map((one) => formatFinding({ ...one, file: relative(azureFolder, one.file) }));
}

function parse(file: string, text: string): Promise<Template> {
  return parseBicep(text, join(azureFolder, file));
}

/** Each mistake is in one file; the others need not be read again for every one. */
const asTheyAre = new Map<string, Promise<Template>>();

function parsedAsItIs(file: string): Promise<Template> {
  const parsed = asTheyAre.get(file) ?? parse(file, readAzure(file));
  asTheyAre.set(file, parsed);
  return parsed;
}

/** The templates keep the rule. */
export async function holds(rule: Rule): Promise<void> {
  assert.deepEqual(await findings(rule), []);
}

/** The rule finds the mistake, in the file that has it. */
export async function catches(rule: Rule, mistakes: Mistakes): Promise<void> {
  const found = await findings(rule, mistakes);
  const [file = ''] = Object.keys(mistakes);
  assert.ok(
    found.some((line) => line.startsWith(`${file}:`)),
    `Expected a finding, for a mistake in ${file}, received ${JSON.stringify(found)}`,
  );
}
