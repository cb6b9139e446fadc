// Lays out what the image holds of us: the bundled worker, its models, and the few packages that cannot be bundled.
//
//   node container-app/bundle.ts FOLDER
//
// The packages are copied from node_modules, which `npm ci` has filled by the lockfile: it pins their versions, and npm
// has checked their contents. What they bring for other systems or for their own installation stays behind.
import { cp, readFile, rm } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { bundle } from '../scripts/bundle.ts';

const source = (file: string) => join(import.meta.dirname, 'src', file);
const ours = join(import.meta.dirname, 'package.json');
const installed = resolve(import.meta.dirname, '../node_modules');

/** Packages with native code. */
const external = ['onnxruntime-node', 'sharp'];

/** With these onnxruntime-node would download, when it is installed, what the Dockerfile fetches itself. */
const forInstallation = new Set(['adm-zip', 'global-agent']);

/** Files and folders that the worker never loads, by their path in node_modules. */
const unused = [
  /^onnxruntime-(?:node|common)\/(?:lib|script)$/,
  /^onnxruntime-node\/bin\/[^/]+\/(?!linux$)[^/]+$/,
  /^onnxruntime-node\/bin\/[^/]+\/linux\/(?!x64$)[^/]+$/,
  /^sharp\/(?:install|lib|src)$/,
  /^@img\/.*\/glib-2\.0$/,
  /\.(?:map|d\.[cm]?ts)$/,
];

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * Fills an empty folder: `worker/` with the code, `models/` and `node_modules/`.
 * @throws Error when a package is missing, or with esbuild's messages.
 */
export async function bundleWorker(folder: string): Promise<void> {
  const written = await bundle({
    entryPoints: {
      main: source('main.ts'),
      'engine-process': source('engine/engine-process.ts'),
      'parent-watch': source('engine/parent-watch.ts'),
    },
    outdir: join(folder, 'worker'),
    format: 'esm',
    external,
  });
  // They are larger than the code, and the same commit gives them again.
  for (const file of written.keys()) if (file.endsWith('.map')) await rm(file);
  await cp(join(import.meta.dirname, 'models'), join(folder, 'models'), { recursive: true });
  const packages = new Set<string>();
  for (const name of external) await findPackages(name, ours, packages);
  for (const from of packages) await copyPackage(from, join(folder, 'node_modules'));
}

/** Adds the folders of a package and of all that it needs at run time. */
async function findPackages(name: string, askedBy: string, found: Set<string>): Promise<void> {
  const manifest = manifestOf(name, askedBy);
  if (manifest === undefined) throw new Error(`Expected ${name} in node_modules, for ${askedBy}: run npm ci`);
  if (found.has(dirname(manifest))) return;
  found.add(dirname(manifest));
  const needs = packageSchema.parse(JSON.parse(await readFile(manifest, 'utf8')));
  for (const needed of Object.keys(needs.dependencies)) {
    if (!forInstallation.has(needed)) await findPackages(needed, manifest, found);
  }
  // One for each system: npm has installed what fits this one.
  for (const perhaps of Object.keys(needs.optionalDependencies)) {
    if (manifestOf(perhaps, manifest)) await findPackages(perhaps, manifest, found);
  }
}

/** The package.json that another one gets by this name; undefined when the package is not installed. */
function manifestOf(name: string, askedBy: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(askedBy));
  } catch {
    return undefined;
  }
}

/** To the place that it has in node_modules, without the packages inside of it, which are packages of their own. */
async function copyPackage(from: string, nodeModules: string): Promise<void> {
  const isUsed = (path: string) => {
    const place = relative(installed, path);
    return relative(from, path) !== 'node_modules' && !unused.some((pattern) => pattern.test(place));
  };
  await cp(from, join(nodeModules, relative(installed, from)), { recursive: true, filter: isUsed });
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('Expected a folder, for the bundle, received none');
  await bundleWorker(folder);
}
