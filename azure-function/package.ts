// npm run package: builds what is deployed of the Function app, and says how large it is and of what it is made.
import { join } from 'node:path';
import { messageOf } from '@impasto/shared';
import { parseOptions } from '../scripts/lib/parse-options.ts';
import { formatTable } from '../scripts/lib/table.ts';
import { typedPath } from '../scripts/lib/typed-path.ts';
import { buildPackage, type FunctionPackage } from './packaging/build-package.ts';

const usage = `npm run package -- [options]
  --out FOLDER   where to put it (default azure-function/dist)
  --help         this text`;

const mostParts = 10;

try {
  const { help, out } = parseOptions({
    args: process.argv.slice(2),
    options: { out: { type: 'string' }, help: { type: 'boolean' } },
  });
  console.log(help ? usage : describe(await buildPackage(outdirOf(out))));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

function outdirOf(typed: string | undefined): string {
  return typed === undefined ? join(import.meta.dirname, 'dist') : typedPath(typed);
}

function describe({ app, zip, bundleBytes, zipBytes, parts }: FunctionPackage): string {
  const rest = parts.slice(mostParts);
  const rows = parts.slice(0, mostParts).map(({ name, bytes }) => [name, kibibytes(bytes)]);
  const others = [`${rest.length} others`, kibibytes(rest.reduce((sum, { bytes }) => sum + bytes, 0))];
  return [
    formatTable(['in the bundle', 'KiB'], [...rows, others]),
    '',
    `${app}: a bundle of ${kibibytes(bundleBytes)} KiB`,
    `${zip}: ${kibibytes(zipBytes)} KiB`,
  ].join('\n');
}

function kibibytes(bytes: number): string {
  return Math.round(bytes / 1024).toString();
}
