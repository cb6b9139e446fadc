// The licences of what is bundled, which ask to be passed on with it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isPackage, type Part } from './contents.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifestSchema = z.object({ version: z.string(), license: z.string().optional() });

/** One text with the licence of each package among the parts, by name. */
export async function licencesOf(parts: readonly Part[]): Promise<string> {
  const packages = parts.filter(isPackage).sort((a, b) => (a.folder < b.folder ? -1 : 1));
  const licences = await Promise.all(packages.map(licenceOf));
  return ['Licences of the packages that are part of this program', ...licences].join(
    `\n\n${'-'.repeat(80)}\n`,
  );
}

async function licenceOf({ name, folder }: Part): Promise<string> {
  const path = join(root, folder);
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(path, 'package.json'), 'utf8')));
  const file = (await readdir(path)).find((entry) => /^(?:licen[cs]e|copying)\b/i.test(entry));
  const text =
    file === undefined ? 'The package has no text of it.' : await readFile(join(path, file), 'utf8');
  return `${name} ${manifest.version}: ${manifest.license ?? 'see below'}\n\n${text.trim()}`;
}
