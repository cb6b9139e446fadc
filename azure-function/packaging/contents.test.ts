// What may be in the package, on lists of a bundle's contents that were made for it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Metafile } from 'esbuild';
import { packagesOfOthers, partsOf, refuseStrangers } from './contents.ts';

type Import = Metafile['outputs'][string]['imports'][number];

const good = ['azure-function/src/main.ts', 'shared/src/index.ts', 'node_modules/zod/index.js'];
const requireOf = (path: string): Import => ({ path, kind: 'require-call', external: true });

function metafileOf(paths: readonly string[], imports: Import[] = []): Metafile {
  return {
    inputs: Object.fromEntries(paths.map((path) => [path, { bytes: 10, imports: [] }])),
    outputs: {
      'main.cjs': {
        bytes: 100,
        imports,
        exports: [],
        inputs: Object.fromEntries(paths.map((path, index) => [path, { bytesInOutput: index + 1 }])),
      },
    },
  };
}

describe('the parts of a bundle', () => {
  it('are its packages, each copy of its own, and our folders; the largest first', () => {
    const own = 'azure-function/node_modules/zod/a.js';
    const parts = partsOf(metafileOf([...good, 'node_modules/@azure/identity/x/y.js', own, own + 2]));
    assert.deepEqual(
      parts.map(({ name, folder, bytes }) => [name, folder, bytes]),
      [
        ['zod', 'azure-function/node_modules/zod', 11],
        ['@azure/identity', 'node_modules/@azure/identity', 4],
        ['zod', 'node_modules/zod', 3],
        ['shared', 'shared', 2],
        ['azure-function', 'azure-function', 1],
      ],
    );
  });
});

describe('a package', () => {
  it('may hold sources and dependencies of the app, and require what is there at run time', () => {
    refuseStrangers(metafileOf(good, ['node:fs', 'http', '@azure/functions-core'].map(requireOf)));
  });

  const strangers: [what: string, metafile: Metafile, message: RegExp][] = [
    [
      'what is nowhere at run time',
      metafileOf(good, [requireOf('supports-color')]),
      /a require of supports-color/,
    ],
    [
      'a package of the worker',
      metafileOf([...good, 'node_modules/sharp/lib/index.js']),
      /sharp, which is for other parts/,
    ],
    [
      'a package of a test',
      metafileOf([...good, 'node_modules/azurite/dist/x.js']),
      /azurite, which is for other parts/,
    ],
    [
      'native code',
      metafileOf([...good, 'node_modules/tree-sitter-bicep/index.js']),
      /, which has native code/,
    ],
    [
      'sources of another app',
      metafileOf([...good, 'container-app/src/main.ts']),
      /file container-app\/src\/main\.ts/,
    ],
    [
      'sources for tests',
      metafileOf([...good, 'shared/src/testing/until.ts']),
      /file shared\/src\/testing\/until\.ts/,
    ],
  ];
  for (const [what, metafile, message] of strangers) {
    it(`may not hold ${what}`, () => assert.throws(() => refuseStrangers(metafile), message));
  }

  it('may not hold what only the worker, a tool or a test needs', () => {
    const others = packagesOfOthers();
    for (const name of ['onnxruntime-node', 'sharp', 'azurite', 'esbuild', 'croner'])
      assert.ok(others.has(name), name);
    for (const name of ['zod', '@azure/functions', '@azure/storage-blob']) assert.ok(!others.has(name), name);
  });
});
