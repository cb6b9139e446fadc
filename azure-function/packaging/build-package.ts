// Makes what is deployed of the Function app: one bundle with its host.json and a package.json, as a folder and zipped.
import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleInDetail } from '../../scripts/bundle.ts';
import manifest from '../package.json' with { type: 'json' };
import { injectedByPlatform, type Part, partsOf, refuseStrangers } from './contents.ts';
import { licencesOf } from './licences.ts';
import { writeZip } from './write-zip.ts';

export interface FunctionPackage {
  /** The folder that the platform gets, unzipped. */
  readonly app: string;
  readonly zip: string;
  readonly bundleBytes: number;
  readonly zipBytes: number;
  /** What the bundle is made of, the largest first. */
  readonly parts: readonly Part[];
}

const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const main = 'main.cjs';
/** Not deployed: with it, each start would be slower. It lies beside, for whoever reads a stack trace. */
const sourceMap = `${main}.map`;

/**
 * Builds into `outdir`, and replaces what is there once all of it stands.
 * @throws Error about what cannot be bundled or has no place in the package.
 */
export async function buildPackage(outdir: string): Promise<FunctionPackage> {
  await mkdir(outdir, { recursive: true });
  const folder = await mkdtemp(join(outdir, '.new-'));
  try {
    const parts = await fill(folder);
    for (const name of ['app', sourceMap, 'function.zip']) {
      await rm(join(outdir, name), { recursive: true, force: true });
      await rename(join(folder, name), join(outdir, name));
    }
    const app = join(outdir, 'app');
    const zip = join(outdir, 'function.zip');
    const [{ size: bundleBytes }, { size: zipBytes }] = await Promise.all([stat(join(app, main)), stat(zip)]);
    return { app, zip, bundleBytes, zipBytes, parts };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string): Promise<Part[]> {
  const app = join(folder, 'app');
  const metafile = await bundleInDetail({
    entryPoints: { main: source('src/main.ts') },
    outdir: app,
    // The platform injects its module by way of `require`.
    format: 'cjs',
    external: [injectedByPlatform],
    namesSourceMap: false,
  });
  refuseStrangers(metafile);
  const parts = partsOf(metafile);
  await rename(join(app, sourceMap), join(folder, sourceMap));
  await Promise.all([
    copyFile(source('host.json'), join(app, 'host.json')),
    writeFile(join(app, 'package.json'), `${JSON.stringify(deployedManifest(), undefined, 2)}\n`),
    writeFile(join(app, 'LICENCES.txt'), await licencesOf(parts)),
  ]);
  await writeZip(app, join(folder, 'function.zip'));
  return parts;
}

/** Without dependencies: everything is in the bundle, and nothing is to be installed on the platform. */
function deployedManifest() {
  const { name, version, license } = manifest;
  return { name, version, private: true, license, main, engines: { node: '>=22' } };
}
