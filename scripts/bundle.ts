// Bundles programs of ours for where they run: without the workspace, its sources and the packages that are not used.
import { fileURLToPath } from 'node:url';
import { build, formatMessages, type Metafile } from 'esbuild';

interface Bundle {
  /** Name of each output file (without its ending), and the source it starts from. */
  readonly entryPoints: Readonly<Record<string, string>>;
  readonly outdir: string;
  readonly format: 'cjs' | 'esm';
  /** Packages that are there at run time: native ones, and those that the platform injects. */
  readonly external: readonly string[];
  /** Whether the program names its source map, which lies beside it either way. */
  readonly namesSourceMap?: boolean;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** What packages ask for that the format does not have. */
const standIns = {
  // The place of the module, which packages look for their own files with.
  cjs: {
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  },
  // The call by which CommonJS packages load Node's own modules.
  esm: {
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  },
};

/** Bytes of each file that was written, by its path. @throws Error with esbuild's messages. */
export async function bundle(options: Bundle): Promise<Map<string, number>> {
  const { outputs } = await bundleInDetail(options);
  return new Map(Object.entries(outputs).map(([path, { bytes }]) => [path, bytes]));
}

/** As `bundle`, and tells what has gone into each file; paths are relative to the repository. */
export async function bundleInDetail(options: Bundle): Promise<Metafile> {
  const { entryPoints, outdir, format, external, namesSourceMap = true } = options;
  const { metafile, warnings } = await build({
    // The output holds paths of the sources, which are not to depend on where we are called from.
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    outdir,
    format,
    external: [...external],
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.mjs' },
    ...standIns[format],
    bundle: true,
    platform: 'node',
    target: 'node22',
    sourcemap: namesSourceMap ? 'linked' : 'external',
    legalComments: 'linked',
    // Stack traces and logs keep the names of the source.
    keepNames: true,
    metafile: true,
    logLevel: 'silent',
  });
  if (warnings.length > 0) {
    const messages = await formatMessages(warnings, { kind: 'warning' });
    throw new Error(`Expected a bundle without warnings, received:\n${messages.join('')}`);
  }
  return metafile;
}
