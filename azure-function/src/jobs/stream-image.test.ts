import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { makeMemoryImageStore } from '@impasto/shared/testing';
import { partBytes, streamImage } from './stream-image.ts';

const key = 'results/a/1-x.png';
const large = randomBytes(3 * partBytes + 17);
const whole = { offset: 0, count: large.byteLength };

async function setUp() {
  const images = makeMemoryImageStore();
  await images.put(key, large, 'image/png');
  const reads: string[] = [];
  const watched: Pick<typeof images, 'get'> = {
    get: (name, options) => {
      reads.push(`${options?.range?.offset}+${options?.range?.count}`);
      return images.get(name, options);
    },
  };
  return { images, watched, reads };
}

async function bytesOf(stream: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  assert.ok(stream);
  return Buffer.concat(await Array.fromAsync(stream));
}

describe('a streamed picture', () => {
  it('is the very bytes, whole or a part, however large', async () => {
    const { watched } = await setUp();
    for (const range of [whole, { offset: 5, count: 2 * partBytes }, { offset: partBytes, count: 1 }]) {
      const bytes = await bytesOf(await streamImage(watched, key, range));
      assert.ok(bytes.equals(large.subarray(range.offset, range.offset + range.count)));
    }
  });

  it('is read no further than its caller takes it', async () => {
    const { watched, reads } = await setUp();
    const parts = await streamImage(watched, key, whole);
    await parts?.next();
    assert.deepEqual(reads, [`0+${partBytes}`]);
    await parts?.next();
    assert.deepEqual(reads, [`0+${partBytes}`, `${partBytes}+${partBytes}`]);
    await parts?.return(undefined);
    assert.equal(reads.length, 2);
  });

  it('that is not there is undefined before the first byte', async () => {
    assert.equal(await streamImage(makeMemoryImageStore(), key, whole), undefined);
  });

  it('breaks off where it is removed in the middle, and never ends short', async () => {
    const { images, watched } = await setUp();
    const stream = await streamImage(watched, key, whole);
    await images.delete(key);
    await assert.rejects(bytesOf(stream), { code: 'storage_unavailable' });
    await images.put(key, large.subarray(0, 10), 'image/png');
    await assert.rejects(streamImage(watched, key, whole), { code: 'storage_unavailable' });
  });

  it('is an outage when the connection to the storage ends', async () => {
    const body = Readable.from(
      (async function* () {
        yield Buffer.from('a');
        throw new Error('ECONNRESET');
      })(),
    );
    const broken = { get: async () => ({ body, bytes: 2, contentType: 'image/png', etag: '"x"' }) };
    const reading = streamImage(broken, key, { offset: 0, count: 2 });
    await assert.rejects(reading, { code: 'storage_unavailable' });
  });
});
