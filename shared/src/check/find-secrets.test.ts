import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { findSecrets } from './find-secrets.ts';

const harmless = [
  '{"level":"info","event":"job.completed","jobId":"3e2d7a44-0a53-4f0e-8d8b-7f9f0c0b1f3a","seconds":1.5}',
  `{"sha256":"${'0a1b2c3d'.repeat(8)}"}`,
  '{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}',
  'at file:///srv/app/container/src/engine/model/session/of/a/rather/deeply/nested/folder/of/sources/session',
  'GET http://localhost:7071/api/status/3e2d7a44-0a53-4f0e-8d8b-7f9f0c0b1f3a?include=none',
  'results/3e2d7a44-0a53-4f0e-8d8b-7f9f0c0b1f3a/1-9b2f7a44-0a53-4f0e-8d8b-7f9f0c0b1f3a.png design=modern',
].join('\n');

describe('findSecrets', () => {
  it('finds nothing in what we log', () => {
    assert.deepEqual(findSecrets(harmless, ['a function key']), []);
  });

  it('finds every place of a secret that it was told, and shows no more than its beginning', () => {
    const secret = 'k3y-of-the-function-host';
    const found = findSecrets(`x ${secret} y ${secret}`, [secret, '']);
    assert.equal(found.length, 2);
    assert.match(found[0] ?? '', /^a known secret at character 2: k3y-/);
    assert.ok(found.every((sentence) => !sentence.includes(secret)));
  });

  const leaks = [
    ['an account key', 'AccountName=a;AccountKey=Eby8vdM02xNOcqFlqUwJ==;BlobEndpoint=http://x/a;'],
    ['a shared access signature', 'blob ok se=2026&sp=r&sig=abc%2Fdef%3D'],
    ['base64 of more than 64 characters', `{"image":"${randomBytes(96).toString('base64')}Aa0"}`],
    ['an address with its query', 'posting to https://hooks.example.com/in?token=12345'],
  ] as const;
  for (const [what, line] of leaks) {
    it(`finds ${what}, and nothing else there`, () => {
      const found = findSecrets(`${harmless}\n${line}\n`, []);
      assert.equal(found.length, 1, found.join('\n'));
      assert.ok(found[0]?.startsWith(`${what} at character `), found[0]);
    });
  }
});
