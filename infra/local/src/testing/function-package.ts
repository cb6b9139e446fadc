// The Function app as it is deployed: built by its own script, unpacked where no other package can be found.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import yauzl from 'yauzl';

export interface UnpackedPackage {
  /** Of what was in the archive. */
  readonly folder: string;
  /** File URL of its program. */
  readonly url: string;
  /** What building it said. */
  readonly output: string;
  remove(): Promise<void>;
}

const script = fileURLToPath(new URL('../../../../azure-function/package.ts', import.meta.url));

/** Builds the package and unpacks the archive. @throws Error with what the script had to say. */
export async function unpackFunctionPackage(): Promise<UnpackedPackage> {
  const home = await mkdtemp(join(tmpdir(), 'impasto-function-'));
  const folder = join(home, 'unpacked');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--out', join(home, 'dist')]);
  await unpack(join(home, 'dist/function.zip'), folder);
  return {
    folder,
    url: pathToFileURL(join(folder, 'main.cjs')).href,
    output: stdout,
    remove: () => rm(home, { recursive: true }),
  };
}

async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(folder);
  const opened = await yauzl.openPromise(archive, { lazyEntries: true, strictFileNames: true });
  for await (const entry of opened.eachEntry()) {
    assert.doesNotMatch(entry.fileName, /\//);
    const file = createWriteStream(join(folder, entry.fileName));
    await pipeline(await opened.openReadStreamPromise(entry), file);
  }
}
