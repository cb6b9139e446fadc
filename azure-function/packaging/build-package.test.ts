// The package as files: what is in it, that it is the same each time, and that nothing half-made is left.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import yauzl from 'yauzl';
import manifest from '../package.json' with { type: 'json' };
import { buildPackage, type FunctionPackage } from './build-package.ts';
import { packagesOfOthers } from './contents.ts';

let folder: string;
let built: FunctionPackage;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-package-'));
  built = await buildPackage(join(folder, 'dist'));
});
after(() => rm(folder, { recursive: true }));

async function filesIn(zip: string): Promise<Record<string, Buffer>> {
  const opened = await yauzl.openPromise(zip, { lazyEntries: true, strictFileNames: true });
  const files: Record<string, Buffer> = {};
  for await (const entry of opened.eachEntry())
    files[entry.fileName] = await buffer(await opened.openReadStreamPromise(entry));
  return files;
}

describe('the package', () => {
  it('is a bundle, the settings of the host, a manifest and the licences, zipped as they lie there', async () => {
    const zipped = await filesIn(built.zip);
    const names = ['LICENCES.txt', 'host.json', 'main.cjs', 'main.cjs.LEGAL.txt', 'package.json'];
    assert.deepEqual(Object.keys(zipped).sort(), names);
    assert.deepEqual((await readdir(built.app)).sort(), names);
    for (const name of names) assert.ok(zipped[name]?.equals(await readFile(join(built.app, name))), name);
  });

  it('asks the platform to install nothing, and names its program for CommonJS', async () => {
    const deployed = JSON.parse(await readFile(join(built.app, 'package.json'), 'utf8'));
    assert.equal(deployed.main, 'main.cjs');
    assert.equal(deployed.version, manifest.version);
    assert.deepEqual(
      ['dependencies', 'scripts', 'type', 'workspaces'].filter((key) => key in deployed),
      [],
    );
  });

  it('has nothing of the worker, of tools or of tests in it', () => {
    const others = packagesOfOthers();
    assert.deepEqual(
      built.parts.filter(({ name }) => others.has(name)),
      [],
    );
    assert.ok(built.parts.some(({ name }) => name === '@azure/storage-blob'));
  });

  it('passes the licence of each package on', async () => {
    const text = await readFile(join(built.app, 'LICENCES.txt'), 'utf8');
    for (const { name, folder } of built.parts)
      if (folder.includes('node_modules/')) assert.ok(text.includes(`\n${name} `), name);
    assert.doesNotMatch(text, /: see below/);
  });

  it('keeps its source map beside it, which tells where in the sources a line is', async () => {
    const map = JSON.parse(await readFile(join(folder, 'dist/main.cjs.map'), 'utf8'));
    assert.ok(map.sources.some((source: string) => source.endsWith('azure-function/src/main.ts')));
    assert.doesNotMatch(await readFile(join(built.app, 'main.cjs'), 'utf8'), /^\/\/# sourceMappingURL/m);
  });

  it('is the same to the byte wherever and whenever it is built', async () => {
    const again = await buildPackage(join(folder, 'elsewhere/deep'));
    assert.ok((await readFile(again.zip)).equals(await readFile(built.zip)));
  });

  it('replaces an older one whole, and leaves it where the new one cannot be made', async () => {
    const outdir = join(folder, 'twice');
    await cp(join(folder, 'dist'), outdir, { recursive: true });
    await writeFile(join(outdir, 'app/of-old.js'), '');
    await buildPackage(outdir);
    assert.deepEqual((await readdir(outdir)).sort(), ['app', 'function.zip', 'main.cjs.map']);
    assert.ok(!(await readdir(join(outdir, 'app'))).includes('of-old.js'));

    const blocked = join(folder, 'blocked');
    await mkdir(blocked);
    await writeFile(join(blocked, 'dist'), 'a file where the folder should be');
    await assert.rejects(buildPackage(join(blocked, 'dist')), { code: 'EEXIST' });
    assert.deepEqual(await readdir(blocked), ['dist']);
  });
});
