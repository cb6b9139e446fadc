// Bundles programs of ours for where they run: without the workspace, its sources and the packages that are not used.
import { build } from 'esbuild';

const requireBanner =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

interface Bundle {
  /** Name of each output file (without its ending), and the source it starts from. */
  readonly entryPoints: Readonly<Record<string, string>>;
  readonly outdir: string;
  readonly format: 'cjs' | 'esm';
  /** Packages that are there at run time: native ones, and those that the platform injects. */
  readonly external: readonly string[];
}

/** Bytes of each file that was written, by its path. @throws Error with esbuild's messages. */
export async function bundle({
  entryPoints,
  outdir,
  format,
  external,
}: Bundle): Promise<Map<string, number>> {
  const { metafile } = await build({
    entryPoints: { ...entryPoints },
    outdir,
    format,
    external: [...external],
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    sourcemap: 'linked',
    legalComments: 'linked',
    // CommonJS packages inside an ES module load Node's own modules by a call that only CommonJS has.
    banner: format === 'esm' ? { js: requireBanner } : {},
    // Stack traces and logs keep the names of the source.
    keepNames: true,
    metafile: true,
    logLevel: 'silent',
  });
  return new Map(Object.entries(metafile.outputs).map(([path, { bytes }]) => [path, bytes]));
}
