// S29, S30, S33, S25: what is installed, from where, what of it may run while it is, and one habit of our own source.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { sourceFiles } from './source-files.ts';

const root = new URL('../../../../', import.meta.url);
const read = (name: string) => readFile(new URL(name, root), 'utf8');

const lockfileSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
      link: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

const lockfile = lockfileSchema.parse(JSON.parse(await read('package-lock.json')));
/** Everything that comes from outside: our own workspaces have folders and links. */
const installed = Object.entries(lockfile.packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
);

describe('S29: the lockfile', () => {
  it('S29: pins every package by a SHA-512 of its bytes', () => {
    assert.ok(installed.length > 100);
    for (const [path, { integrity }] of installed)
      assert.match(integrity ?? '', /^sha512-[\w+/]{86}==$/, path);
  });

  it('S29: names no other place than the registry, over https', () => {
    for (const [path, { resolved }] of installed)
      if (resolved !== undefined)
        assert.equal(URL.parse(resolved)?.origin, 'https://registry.npmjs.org', path);
  });
});

/** A copyleft library is linked dynamically only, as libvips is: its users may put their own in its place. */
const linkedOnly = /^node_modules\/@img\/sharp-/;
const publicDomain = 'http://geraintluff.github.io/tv4/LICENSE.txt';
const permissive =
  /^\(?(?:MIT|Apache-2\.0|0BSD|BSD-[23]-Clause|ISC|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|Zlib)(?: (?:OR|AND) (?:MIT|Apache-2\.0|CC0-1\.0|Zlib))*\)?$/;

describe('S33: licences', () => {
  it('S33: lets nothing in that asks more of our users than we do', () => {
    for (const [path, { license = 'none' }] of installed) {
      if (license === publicDomain || (linkedOnly.test(path) && license.includes('LGPL-3.0-or-later')))
        continue;
      assert.match(license, permissive, path);
    }
  });
});

describe('S30: scripts of packages', () => {
  it('S30: each package that brings one is named in package.json, with yes or no', async () => {
    const { allowScripts } = z
      .object({ allowScripts: z.record(z.string(), z.boolean()) })
      .parse(JSON.parse(await read('package.json')));
    const bringing = installed.filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = bringing.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13));
    assert.deepEqual([...new Set(names)].sort(), Object.keys(allowScripts).sort());
    // The one that may is Node itself, whose package puts the binary in its place.
    assert.deepEqual(
      Object.keys(allowScripts).filter((name) => allowScripts[name]),
      ['node'],
    );
  });

  it('S30: an npm that knows no such list is kept from the one download that a script makes', async () => {
    assert.match(await read('.npmrc'), /^onnxruntime_node_install=skip$/m);
  });
});

describe('S25: memory', () => {
  it('S25: no source asks for memory that is not cleared', async () => {
    const files = await sourceFiles();
    assert.ok(files.length > 100);
    for (const { name, text } of files) assert.doesNotMatch(text, /allocUnsafe|\bSlowBuffer\b/, name);
  });
});
