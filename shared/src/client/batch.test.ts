import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { limits } from '../submission.ts';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferClientOptions } from './client-options.ts';
import * as service from './scripted-service.ts';

const { batchId } = service;
const [a, b] = [Buffer.from('a'), Buffer.from('b')];
const images = { contentImages: [a, b], styleImages: [a] };
const taken = service.json(202, service.batchView({ status: 'queued' }), {
  location: `/api/batch/${batchId}`,
});
/** An empty ZIP file. */
const zip = Buffer.concat([Buffer.from([0x50, 0x4b, 0x05, 0x06]), Buffer.alloc(18)]);
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-batch-'));
});
after(() => rm(folder, { recursive: true }));

function clientOf({ url }: service.ScriptedService, options: StyleTransferClientOptions = {}) {
  return new StyleTransferClient({ baseUrl: url, ...options });
}

describe('submitBatch', { concurrency: true }, () => {
  test('sends each image once, the items, and a key that stays the same', async () => {
    await using server = await service.startScriptedService({ 'submit-batch': [service.reset, taken] });
    const items = [{ content: 1, style: 0, maxSide: 64 }];
    const batch = await clientOf(server).submitBatch({ ...images, items, influence: 0.2, noCache: true });
    assert.deepEqual([batch.batch_id, batch.status, batch.replayed], [batchId, 'queued', false]);
    assert.deepEqual(JSON.parse(server.seen[1]?.body ?? ''), {
      content_images: ['YQ==', 'Yg=='],
      style_images: ['YQ=='],
      items: [{ content: 1, style: 0, max_side: 64 }],
      influence: 0.2,
      no_cache: true,
    });
    const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
    assert.deepEqual(keys, [batch.idempotency_key, batch.idempotency_key]);
  });

  test('names what is wrong before anything is sent', async () => {
    await using server = await service.startScriptedService({ 'submit-batch': [taken] });
    const client = clientOf(server);
    const many = Array.from({ length: limits.maxBatchJobs / 2 + 1 }, () => a);
    const large = Array.from({ length: 3 }, () => Buffer.alloc(15 * 2 ** 20));
    const cases = [
      [{ contentImages: [] }, 'invalid_argument', /at least one image for contentImages/],
      [{ styleImages: [a, Buffer.alloc(0)] }, 'local_file', /for styleImages\[1\], received 0 bytes/],
      [
        { contentImages: many, styleImages: [a, b] },
        'invalid_argument',
        /at most 200 pictures .*received 202/,
      ],
      [{ items: [{ content: 2, style: 0 }] }, 'invalid_argument', /for items\[0\]\.content, received 2/],
      [
        { items: [{ content: 0, style: 0, maxSide: 5000 }] },
        'invalid_argument',
        /for items\[0\]\.maxSide, received 5000/,
      ],
      [{ contentImages: large }, 'local_file', /at most 41943040 bytes for all images/],
    ] as const;
    for (const [wrong, code, text] of cases) {
      const error = await service.errorOf(client.submitBatch({ ...images, ...wrong }));
      assert.deepEqual([error.code, text.test(error.message)], [code, true], error.message);
    }
    assert.equal(server.seen.length, 0);
  });

  test('a batch that was taken keeps its id when the answer is lost', async () => {
    const lost: service.Answer = (response) => {
      response.writeHead(202, { location: `/api/batch/${batchId}`, 'content-length': 9 });
      response.write('{', () => response.destroy());
    };
    await using server = await service.startScriptedService({ 'submit-batch': [lost] });
    const error = await service.errorOf(clientOf(server, { retrySeconds: 0 }).submitBatch(images));
    assert.deepEqual([error.code, error.batchId, error.jobId], ['submit_uncertain', batchId, undefined]);
  });
});

describe('a batch', { concurrency: true }, () => {
  test('can be looked at, canceled and removed', async () => {
    const view = service.json(200, service.batchView());
    const deleted: service.Answer = (response) => response.writeHead(204).end();
    await using server = await service.startScriptedService({ batch: [view, deleted], cancel: [view] });
    const client = clientOf(server);
    assert.equal((await client.batch(batchId)).counts.processing, 1);
    assert.equal((await client.cancelBatch(batchId)).batch_id, batchId);
    await client.deleteBatch(batchId);
    assert.deepEqual(
      server.seen.map(({ method, url }) => `${method} ${url}`),
      [`GET /api/batch/${batchId}`, `POST /api/batch/${batchId}/cancel`, `DELETE /api/batch/${batchId}`],
    );
    assert.equal((await service.errorOf(client.batch('1'))).code, 'invalid_argument');
  });

  test('gives its pictures as a ZIP file, written in one step', async () => {
    const pieces: service.Answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/zip' });
      response.write(zip.subarray(0, 10), () => response.end(zip.subarray(10)));
    };
    await using server = await service.startScriptedService({ 'batch-results': [service.reset, pieces] });
    const path = join(folder, 'all.zip');
    assert.equal(await clientOf(server).saveBatchResults(batchId, path), zip.length);
    assert.deepEqual(await readFile(path), zip);
    await rm(path);
  });

  test('is told without its jobs, and gives the pictures that there are, only where that is asked for', async () => {
    const view = service.json(200, service.batchView({ jobs: [] }));
    const pictures: service.Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/zip' }).end(zip);
    await using server = await service.startScriptedService({ batch: [view], 'batch-results': [pictures] });
    const client = clientOf(server);
    await client.batch(batchId, { include: 'none' });
    const path = join(folder, 'some.zip');
    for (const partial of [true, false]) await client.saveBatchResults(batchId, path, { partial });
    await rm(path);
    assert.deepEqual(
      server.seen.map(({ url }) => url.replace(`/api/batch/${batchId}`, '')),
      ['?include=none', '/results?partial=true', '/results'],
    );
  });

  test('no connection is made for a file that cannot be opened, and the error says so', async () => {
    const stalled: service.Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/zip' }).write('PK');
    await using server = await service.startScriptedService({ 'batch-results': [stalled] });
    const path = join(folder, `${'a'.repeat(230)}.zip`);
    const error = await service.errorOf(clientOf(server).saveBatchResults(batchId, path));
    assert.deepEqual([error.code, server.seen.length], ['local_file', 0], error.message);
    assert.match(error.message, /ENAMETOOLONG/);
  });

  test('half a ZIP file is never written', async () => {
    const headers = { 'content-type': 'application/zip' };
    const broken: service.Answer = (response) => {
      response.writeHead(200, headers).write('PK', () => response.destroy());
    };
    const cutOff: service.Answer = (response) => response.writeHead(200, headers).end('PK');
    const stalled: service.Answer = (response) => response.writeHead(200, headers).write('PK');
    const cases = [
      [broken, 'unreachable'],
      [cutOff, 'unexpected_answer'],
      [stalled, 'request_timeout'],
      [service.html, 'unexpected_answer'],
      [service.problem(409, 'not_completed'), 'not_completed'],
    ] as const;
    for (const [answer, code] of cases) {
      await using server = await service.startScriptedService({ 'batch-results': [answer] });
      const client = clientOf(server, { requestTimeoutSeconds: 1 });
      const error = await service.errorOf(client.saveBatchResults(batchId, join(folder, 'x.zip')));
      assert.equal(error.code, code, error.message);
      assert.ok(!(await readdir(folder)).some((name) => name.includes('x.zip')));
    }
  });
});
