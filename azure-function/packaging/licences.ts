// The licences of what is bundled, which ask to be passed on with it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPackage, type Part } from './contents.ts';
import { manifestIn, root } from './manifest.ts';

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
  const { version, license } = manifestIn(folder);
  const file = (await readdir(path)).find((entry) => /^(?:licen[cs]e|copying)\b/i.test(entry));
  const text =
    file === undefined ? 'The package has no text of it.' : await readFile(join(path, file), 'utf8');
  return `${name} ${version}: ${license ?? 'see below'}\n\n${text.trim()}`;
}
