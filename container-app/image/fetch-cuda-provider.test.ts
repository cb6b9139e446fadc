// Fetching the CUDA provider, from a server that stands in for the package feed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { downloadZip } from 'client-zip';
import { fetchCudaProvider } from './fetch-cuda-provider.ts';

const native = 'runtimes/linux-x64/native';
const names = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;

async function packageWith(files: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const zip = downloadZip(files.map((file) => ({ name: `${native}/${file}`, input: `code of ${file}` })));
  return new Uint8Array(await zip.arrayBuffer());
}

describe('the CUDA provider', () => {
  let whole = new Uint8Array();
  let folder = '';
  let address = '';
  const server = createServer(async ({ url }, response) => {
    if (url === '/whole') return response.end(whole);
    if (url === '/half') return response.end(await packageWith([names[0]]));
    return response.writeHead(404).end();
  });
  before(async () => {
    whole = await packageWith([...names, 'libonnxruntime_providers_tensorrt.so']);
    folder = await mkdtemp(join(tmpdir(), 'impasto-provider-'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    address = `http://127.0.0.1:${port}`;
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is two files of its package, whose digest is told so that it can be pinned', async () => {
    const digest = createHash('sha256').update(whole).digest('hex');
    assert.equal(await fetchCudaProvider(`${address}/whole`, folder, ''), digest);
    assert.equal(await fetchCudaProvider(`${address}/whole`, folder, digest.toUpperCase()), digest);
    for (const name of names) assert.equal(await readFile(join(folder, name), 'utf8'), `code of ${name}`);
    assert.equal(existsSync(join(folder, 'libonnxruntime_providers_tensorrt.so')), false);
  });

  it('is refused where it is another one than the one that was pinned, before a file of it is written', async () => {
    const into = join(folder, 'refused');
    await assert.rejects(
      fetchCudaProvider(`${address}/whole`, into, 'ab'.repeat(32)),
      /Expected the SHA-256 abab/,
    );
    assert.equal(existsSync(into), false);
  });

  it('is missed by name where its package has changed, and so is the package itself', async () => {
    await assert.rejects(fetchCudaProvider(`${address}/half`, folder, ''), /providers_cuda\.so, in http/);
    await assert.rejects(fetchCudaProvider(`${address}/none`, folder, ''), /received HTTP 404/);
  });
});
