// What is in the bundle, by package; and what must not be: the worker's packages, native ones, tests, unknown requires.
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { manifestIn, root } from './manifest.ts';

/** The part of a bundle that comes from one package, or from one of our own folders. */
export interface Part {
  /** A package's name, or a folder such as `azure-function`. */
  readonly name: string;
  /** Relative to the repository. */
  readonly folder: string;
  /** In the bundle. */
  readonly bytes: number;
}

/** What the platform's worker puts in the way of `require`. */
export const injectedByPlatform = '@azure/functions-core';

const inPackage = /^(?<folder>.*node_modules\/(?<name>(?:@[^/]+\/)?[^/]+))\//;

/** The parts of all programs of the bundle, the largest first; several copies of a package are several parts. */
export function partsOf({ outputs }: Metafile): Part[] {
  const parts = new Map<string, Part>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const { folder, name } = whereIs(path);
      const bytes = (parts.get(folder)?.bytes ?? 0) + bytesInOutput;
      parts.set(folder, { name, folder, bytes });
    }
  }
  return [...parts.values()].sort((a, b) => b.bytes - a.bytes || (a.folder < b.folder ? -1 : 1));
}

function whereIs(path: string): { folder: string; name: string } {
  const { folder, name } = inPackage.exec(path)?.groups ?? {};
  if (folder !== undefined && name !== undefined) return { folder, name };
  const ours = path.split('/')[0] ?? path;
  return { folder: ours, name: ours };
}

export function isPackage({ folder }: Part): boolean {
  return folder.includes('node_modules/');
}

/** @throws Error that lists everything that has no place in the package. */
export function refuseStrangers(metafile: Metafile): void {
  const problems = [...unknownRequires(metafile), ...unknownSources(metafile), ...unknownPackages(metafile)];
  if (problems.length === 0) return;
  const list = problems.map((problem) => `\n  ${problem}`).join('');
  throw new Error(`Expected only what the Function app needs, for its package, received also:${list}`);
}

/** Nothing is installed beside the bundle: what it requires is in Node or comes from the platform. */
function unknownRequires({ outputs }: Metafile): string[] {
  const required = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external && !isBuiltin(path) && path !== injectedByPlatform);
  return [...new Set(required.map(({ path }) => `a require of ${path}, which is not in the package`))];
}

function unknownSources({ inputs }: Metafile): string[] {
  const isKnown = /node_modules\/|^(?:azure-function|shared)\/(?:src\/(?!.*\btesting\/)|package\.json$)/;
  return Object.keys(inputs)
    .filter((path) => !isKnown.test(path))
    .map((path) => `the file ${path}`);
}

function unknownPackages(metafile: Metafile): string[] {
  const foreign = packagesOfOthers();
  return partsOf(metafile)
    .filter(isPackage)
    .flatMap(({ name, folder }) => [
      ...(foreign.has(name) ? [`the package ${name}, which is for other parts of the project`] : []),
      ...(isNative(folder) ? [`the package ${name}, which has native code`] : []),
    ]);
}

/** Packages that a workspace asks for, or the repository for its tools, and that the Function app does not. */
export function packagesOfOthers(): Set<string> {
  const folders = ['.', ...manifestIn('.').workspaces];
  const all = folders
    .map(manifestIn)
    .flatMap((manifest) => [manifest.dependencies, manifest.devDependencies]);
  const own = ['azure-function', 'shared'].map((folder) => manifestIn(folder).dependencies);
  const namesOf = (lists: readonly Record<string, string>[]) => new Set(lists.flatMap(Object.keys));
  return namesOf(all).difference(namesOf(own));
}

function isNative(folder: string): boolean {
  return manifestIn(folder).gypfile === true || existsSync(join(root, folder, 'binding.gyp'));
}
