import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { JobError } from './errors.ts';
import { readImage } from './read-image.ts';
import { makeMemoryImageStore } from './testing/memory.ts';

const key = 'results/a/1.png';
const bytes = Buffer.from('a picture');

async function* broken(): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, 4);
  throw new Error('aborted');
}

describe('reading a stored image', () => {
  it('gives its bytes, or tells that there is none', async () => {
    const images = makeMemoryImageStore();
    assert.equal(await readImage(images, key), undefined);
    await images.put(key, bytes, 'image/png');
    assert.deepEqual(await readImage(images, key), bytes);
  });

  it('takes a connection that breaks off in the middle for an outage, never for a short image', async () => {
    const images = makeMemoryImageStore();
    const found = { bytes: bytes.length, contentType: 'image/png', etag: '"1"' };
    const breaking = { ...images, get: async () => ({ ...found, body: Readable.from(broken()) }) };
    const isOutage = (error: unknown) => error instanceof JobError && error.code === 'storage_unavailable';
    await assert.rejects(readImage(breaking, key), isOutage);
  });
});
