// S13: what a signed address opens, and what it does not; with the account's key, and with one lent to an identity.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { generate } from 'selfsigned';
import type { ImageStore } from '../ports.ts';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { until } from '../testing/until.ts';
import { makeBlobImageStore } from './blob-image-store.ts';
import { connectStorage, createContainersAndQueue } from './connect.ts';
import { makeDelegationKey } from './delegation-key.ts';
import { signWithDelegationKey } from './sign-blob.ts';

const picture = Buffer.from('a painted picture');
const key = 'results/a/1-x.png';

function describeSigning(name: string, getImages: () => ImageStore, protocol: string | null): void {
  describe(`addresses signed with ${name}`, () => {
    before(async () => {
      await getImages().put(key, picture, 'image/png');
      await getImages().put('results/b/1-y.png', Buffer.from('of somebody else'), 'image/png');
    });
    const sign = (seconds = 1800) => getImages().sign(key, { seconds, fileName: 'impasto-a.png' });

    it('give the picture with its own type and our file name to whoever has them', async () => {
      const { url } = await sign();
      const answer = await fetch(url);
      assert.equal(answer.status, 200);
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), picture);
      assert.equal(answer.headers.get('content-type'), 'image/png');
      assert.equal(answer.headers.get('content-disposition'), 'inline; filename="impasto-a.png"');
    });

    it('hold for the time that was asked for and say when it ends, from now on by any clock', async () => {
      const earliest = Date.now() + 1799_000;
      const { url, expiresAt } = await sign();
      const { searchParams } = new URL(url);
      assert.ok(Date.parse(expiresAt) >= earliest && Date.parse(expiresAt) <= Date.now() + 1800_000);
      assert.equal(Date.parse(searchParams.get('se') ?? ''), Date.parse(expiresAt));
      assert.deepEqual(
        ['st', 'sp', 'sr', 'spr', 'rsct'].map((name) => searchParams.get(name)),
        [null, 'r', 'b', protocol, null],
      );
    });

    it('open no other picture, no list, and nothing for writing or deleting', async () => {
      const { url } = await sign();
      const other = new URL(url);
      other.pathname = other.pathname.replace('/a/1-x.png', '/b/1-y.png');
      const list = new URL(url);
      list.pathname = list.pathname.replace('/a/1-x.png', '');
      list.search += '&restype=container&comp=list';
      const headers = { 'x-ms-blob-type': 'BlockBlob' };
      const answers = await Promise.all([
        fetch(other),
        fetch(list),
        fetch(url, { method: 'PUT', body: 'x', headers }),
        fetch(url, { method: 'DELETE' }),
        fetch(url.replace('sp=r', 'sp=rw'), { method: 'PUT', body: 'x', headers }),
        fetch(url.replace(/se=[^&]+/, 'se=2099-01-01T00%3A00%3A00Z')),
        fetch(url.split('?', 1)[0] ?? ''),
      ]);
      for (const answer of answers) assert.ok([401, 403, 404].includes(answer.status), `${answer.status}`);
      assert.equal((await fetch(url)).status, 200, 'expected the picture to be there still');
    });

    it('open nothing any more when their time is over', async () => {
      const { url } = await sign(2);
      await until('the address to end', async () => (await fetch(url)).status === 403);
    });
  });
}

let plain: Emulator;
let secure: Emulator;
let folder: string;
let lent: ImageStore;
const ourAuthorities = getCACertificates('default');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-sign-'));
  [plain, secure] = await Promise.all([
    startAzurite(),
    certificate().then((https) => startAzurite({ https })),
  ]);
  for (const { connectionString } of [plain, secure])
    await createContainersAndQueue({ STORAGE_CONNECTION_STRING: connectionString });
  const service = new BlobServiceClient(blobEndpoint(secure), someIdentity());
  lent = makeBlobImageStore(service, signWithDelegationKey(makeDelegationKey(service)));
});
after(async () => {
  setDefaultCACertificates(ourAuthorities);
  await Promise.all([plain.stop(), secure.stop()]);
  await rm(folder, { recursive: true });
});

/** Files of a certificate that this process trusts from now on. */
async function certificate() {
  const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  await Promise.all([writeFile(files.certificate, made.cert), writeFile(files.key, made.private)]);
  setDefaultCACertificates([...ourAuthorities, made.cert]);
  return files;
}

/** The emulator looks at what a token claims, and at no signature. */
function someIdentity(): TokenCredential {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const tenant = '5f3c1c4e-0000-4000-8000-000000000000';
  const claims = {
    aud: 'https://storage.azure.com',
    iss: `https://sts.windows.net/${tenant}/`,
    iat: nowSeconds - 60,
    nbf: nowSeconds - 60,
    exp: nowSeconds + 3600,
    oid: tenant,
    tid: tenant,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.unsigned`;
  return { getToken: async () => ({ token, expiresOnTimestamp: claims.exp * 1000 }) };
}

function blobEndpoint({ connectionString }: Emulator): string {
  return /BlobEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '';
}

describeSigning(
  "the account's key",
  () => connectStorage({ STORAGE_CONNECTION_STRING: plain.connectionString }).images,
  null,
);
describeSigning('a key that an identity was lent', () => lent, 'https');

describe('signing in the name of an identity', () => {
  it('is refused as an outage where the storage gives it no key', async () => {
    const service = new BlobServiceClient(blobEndpoint(secure), {
      getToken: async () => ({ token: 'junk', expiresOnTimestamp: Date.now() + 3_600_000 }),
    });
    const images = makeBlobImageStore(service, signWithDelegationKey(makeDelegationKey(service)));
    const signing = images.sign(key, { seconds: 1800, fileName: 'impasto-a.png' });
    await assert.rejects(signing, { name: 'JobError', code: 'storage_unavailable' });
  });
});
