import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { transition } from '@impasto/shared';
import yauzl from 'yauzl';
import { type Answer, problemOf } from '../testing/invoke.ts';
import { completedWith, resultOf } from '../testing/job-scene.ts';
import { type House, openHouse, viewIn } from './testing-house.ts';

/** More than one part each. */
const pictureOf = (index: number) => Buffer.alloc(1_500_000 + index, index + 1);

async function withBatch() {
  const house = openHouse();
  const { batch_id: id } = viewIn(await house.send());
  return { house, id };
}

/** Lets the job at this place be completed with a picture of its own. */
async function paint(house: House, index: number): Promise<string> {
  const job = await house.bring(index, 'processing');
  const picture = pictureOf(index);
  const result = resultOf(job, picture);
  await house.ports.images.put(result.key, picture, 'image/png');
  const at = new Date().toISOString();
  await house.ports.jobs.update(job.jobId, (now) =>
    transition(now, { ...completedWith(result), at } as Parameters<typeof transition>[1]),
  );
  return result.key;
}

const bytesOf = async ({ body }: Answer) => buffer(body as ReadableStream);

async function filesIn(zip: Buffer): Promise<Map<string, Buffer>> {
  const opened = await yauzl.fromBufferPromise(zip, { lazyEntries: true, strictFileNames: true });
  const files = new Map<string, Buffer>();
  for await (const entry of opened.eachEntry()) {
    assert.equal(entry.compressionMethod, 0);
    files.set(entry.fileName, await buffer(await opened.openReadStreamPromise(entry)));
  }
  return files;
}

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface ManifestItem {
  readonly file: string | null;
  readonly job_id: string;
  readonly status: string;
  readonly sha256: string | null;
  readonly error?: { readonly code: string };
}

function manifestIn(files: ReadonlyMap<string, Buffer>): { status: string; items: ManifestItem[] } {
  return JSON.parse(String(files.get('manifest.json')));
}

describe('the pictures of a batch', () => {
  it('are one archive, each under the name of its place, with a manifest that tells what is missing', async () => {
    const { house, id } = await withBatch();
    for (const index of [0, 1, 3]) await paint(house, index);
    await house.bring(2, 'failed');
    const answer = await house.results(id);
    assert.equal(answer.headers['content-type'], 'application/zip');
    assert.equal(answer.headers['content-disposition'], `attachment; filename="impasto-batch-${id}.zip"`);
    const zip = await bytesOf(answer);
    assert.equal(answer.headers['content-length'], String(zip.byteLength));
    const files = await filesIn(zip);
    const pictures = ['001-content-1-style-1.png', '002-content-1-style-2.png', '004-content-2-style-2.png'];
    assert.deepEqual([...files.keys()], ['manifest.json', ...pictures]);
    const { status, items } = manifestIn(files);
    assert.equal(status, 'partially_completed');
    assert.deepEqual(
      items.map(({ file }) => file),
      [pictures[0], pictures[1], null, pictures[2]],
    );
    assert.deepEqual(
      [items[2]?.status, items[2]?.error?.code, items[2]?.sha256],
      ['failed', 'image_corrupt', null],
    );
    for (const { file, sha256 } of items)
      if (file !== null) assert.equal(sha256Of(files.get(file) ?? Buffer.of()), sha256);
  });

  it('are there once the batch is done, and before where that is wanted', async () => {
    const { house, id } = await withBatch();
    const none = problemOf(await house.results(id, '?partial=true'));
    assert.deepEqual([none.code, none.retryable], ['not_completed', true]);
    await paint(house, 1);
    const early = await house.results(id);
    assert.deepEqual(
      [early.status, problemOf(early).code, problemOf(early).retryable],
      [409, 'not_completed', true],
    );
    assert.ok(early.headers['retry-after']);
    const files = await filesIn(await bytesOf(await house.results(id, '?partial=true')));
    assert.deepEqual([...files.keys()], ['manifest.json', '002-content-1-style-2.png']);
    assert.deepEqual(
      manifestIn(files).items.map(({ status }) => status),
      ['queued', 'completed', 'queued', 'queued'],
    );
    assert.equal(problemOf(await house.results(id, '?partial=some')).code, 'invalid_value');
  });

  it('of a batch without any are a conflict that time does not heal', async () => {
    const { house, id } = await withBatch();
    for (const index of [0, 1, 2, 3]) await house.bring(index, 'canceled');
    for (const query of ['', '?partial=true']) {
      const problem = problemOf(await house.results(id, query));
      assert.deepEqual([problem.status, problem.code, problem.retryable], [409, 'not_completed', false]);
    }
  });

  it('are refused where the first is no longer there', async () => {
    const { house, id } = await withBatch();
    for (const index of [0, 1, 2, 3]) await house.ports.images.delete(await paint(house, index));
    const answer = await house.results(id);
    assert.deepEqual([answer.status, problemOf(answer).code], [410, 'result_gone']);
  });

  it('never look whole where one disappears in the middle, or is not what its worker wrote', async () => {
    const { house, id } = await withBatch();
    const keys: string[] = [];
    for (const index of [0, 1, 2, 3]) keys.push(await paint(house, index));
    const broken = await house.results(id);
    await house.ports.images.delete(keys[2] ?? '');
    await assert.rejects(bytesOf(broken), { code: 'result_gone' });
    await house.ports.images.put(keys[2] ?? '', pictureOf(2).fill(9), 'image/png');
    await assert.rejects(bytesOf(await house.results(id)), /is not what its worker wrote/);
  });

  it('are read no faster than they are taken', async () => {
    const { house, id } = await withBatch();
    for (const index of [0, 1, 2, 3]) await paint(house, index);
    const { get } = house.ports.images;
    let reads = 0;
    Object.assign(house.ports.images, {
      get: (...args: Parameters<typeof get>) => {
        reads += 1;
        return get(...args);
      },
    });
    const { body } = await house.results(id);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(reads <= 2, `${reads} parts of pictures were read for a caller that took a few bytes`);
    await reader.cancel();
  });
});
