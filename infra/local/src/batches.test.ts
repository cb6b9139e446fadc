// Batches as their callers meet them: the client, the Functions host, a real storage, a real worker; and an archive for
// somebody who reads slowly or leaves.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type BatchRecord, type Job, newJob, reusedJob } from '@impasto/shared';
import { type BatchRequest, StyleTransferClient } from '@impasto/shared/client';
import { someJob, someResult, until } from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import yauzl from 'yauzl';
import { type Service, startService } from './corpus/service.ts';

const request: BatchRequest = {
  contentImages: [tinyPng(32, 24), tinyPng(24, 32)],
  styleImages: [tinyPng(32, 32), tinyPng(40, 32)],
  maxSide: 32,
};

let service: Service;
let client: StyleTransferClient;
let folder: string;

before(async () => {
  service = await startService({ SWEEP_SCHEDULE: 'off' });
  client = new StyleTransferClient({ baseUrl: `http://127.0.0.1:${service.port}` });
  folder = await mkdtemp(join(tmpdir(), 'impasto-'));
});
after(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

describe('a batch', () => {
  it('is painted, shown, sent as one archive, and removed without a trace but the date', async () => {
    const sent = await client.submitBatch(request);
    assert.deepEqual([sent.status, sent.counts.queued], ['queued', 4]);
    const worker = service.startWorker();
    const done = await client.waitBatch(sent.batch_id, { timeoutSeconds: 120 });
    await worker.stop();
    assert.deepEqual([done.status, done.counts.completed, done.progress], ['completed', 4, 1]);
    for (const { result_url } of done.jobs) assert.equal((await fetch(result_url ?? '')).status, 200);

    const file = join(folder, 'batch.zip');
    await client.saveBatchResults(sent.batch_id, file);
    const files = await filesIn(await readFile(file));
    const { items } = JSON.parse(String(files.get('manifest.json'))) as { items: ManifestItem[] };
    assert.equal(files.size, 5);
    for (const { file: name, sha256, job_id } of items) {
      assert.equal(
        createHash('sha256')
          .update(files.get(name) ?? '')
          .digest('hex'),
        sha256,
      );
      assert.deepEqual(files.get(name), Buffer.from((await client.result(job_id)).bytes));
    }

    await client.deleteBatch(sent.batch_id);
    await assert.rejects(client.batch(sent.batch_id), { code: 'batch_gone' });
    for (const { job_id } of items) await assert.rejects(client.status(job_id), { code: 'job_gone' });
    assert.deepEqual(await keysIn(['inputs/', 'results/']), []);
  });

  it('is canceled as a whole, and its jobs are nobody’s work', async () => {
    const { batch_id } = await client.submitBatch(request);
    const canceled = await client.cancelBatch(batch_id);
    assert.deepEqual([canceled.status, canceled.done, canceled.counts.canceled], ['canceled', true, 4]);
    assert.ok(canceled.cancel_requested_at);
    await assert.rejects(client.batchResults(batch_id), { code: 'not_completed', retryable: false });
  });

  it('is one, however often it is sent at once under the same key', async () => {
    const key = randomUUID();
    const options = { idempotencyKey: key };
    const all = await Promise.all(Array.from({ length: 5 }, () => client.submitBatch(request, options)));
    assert.equal(new Set(all.map(({ batch_id }) => batch_id)).size, 1);
    const { jobs } = await client.list({ batchId: all[0]?.batch_id });
    assert.equal(jobs.length, 4);
  });
});

describe('an archive of many megabytes', () => {
  const picture = randomBytes(5 * 1024 * 1024);
  const count = Number(process.env.PICTURES ?? 60);

  it('does not pile up for a caller that reads slowly, and ends with one that leaves', async (context) => {
    const address = await addBatch(picture, count);
    const response = await open(address);
    const expected = Number(response.headers['content-length']);
    assert.ok(expected > picture.length * count);
    const idle = await memoryOf(service.hostPid);
    let most = idle;
    let bytes = 0;
    for await (const chunk of response) {
      bytes += chunk.length;
      if (bytes % 64 === 0) most = Math.max(most, await memoryOf(service.hostPid));
      if (bytes > 20 * 1024 * 1024) break;
      await delay(1);
    }
    await delay(1_000);
    most = Math.max(most, await memoryOf(service.hostPid));
    context.diagnostic(`${idle} MiB before, ${most} MiB at most, of ${Math.round(expected / 2 ** 20)} MiB`);
    assert.ok(most - idle < 200, `the host took ${most - idle} MiB more`);
    response.destroy();
    await until('the word of a host that noticed', () =>
      service.lines.some((line) => line.includes('client_gone')),
    );
  });

  it('arrives whole', async () => {
    const response = await open(await addBatch(picture, 3));
    const zip = await buffer(response);
    assert.equal(String(zip.length), response.headers['content-length']);
    const files = [...(await filesIn(zip)).entries()];
    assert.ok(files.length === 4 && files.slice(1).every(([, bytes]) => bytes.equals(picture)));
  });

  it('breaks off where a picture disappears, and is no archive then', async () => {
    const batchId = randomUUID();
    const response = await open(await addBatch(picture, 6, batchId));
    await once(response, 'readable');
    const record = await service.storage.batches.get(batchId);
    const last = record?.value.items.at(-1)?.jobId;
    await service.storage.images.delete(`results/${last}/1-a.png`);
    await assert.rejects(buffer(response), { code: 'ECONNRESET' });
  });
});

interface ManifestItem {
  readonly file: string;
  readonly sha256: string;
  readonly job_id: string;
}

async function open(address: string): Promise<IncomingMessage> {
  const [response] = await once(get(address), 'response');
  assert.equal(response.statusCode, 200);
  return response;
}

async function filesIn(zip: Buffer): Promise<Map<string, Buffer>> {
  const opened = await yauzl.fromBufferPromise(zip, { lazyEntries: true, strictFileNames: true });
  const files = new Map<string, Buffer>();
  for await (const entry of opened.eachEntry())
    files.set(entry.fileName, await buffer(await opened.openReadStreamPromise(entry)));
  return files;
}

async function keysIn(prefixes: readonly string[]): Promise<string[]> {
  const keys: string[] = [];
  for (const prefix of prefixes)
    for await (const { key } of service.storage.images.list(prefix)) keys.push(key);
  return keys;
}

/** A batch of jobs that are done, each with the same picture; the last has it for itself. @returns the address of the archive. */
async function addBatch(picture: Buffer, jobs: number, batchId: string = randomUUID()): Promise<string> {
  const { storage } = service;
  const sha256 = createHash('sha256').update(picture).digest('hex');
  const createdAt = new Date().toISOString();
  const items: BatchRecord['items'] = [];
  for (let index = 0; index < jobs; index += 1) {
    const base = newJob({ ...someJob(), createdAt, batch: { id: batchId, index } });
    const key = `results/${index + 1 === jobs ? base.jobId : batchId}/1-a.png`;
    const job: Job = reusedJob(
      base,
      { ...someResult, key, sha256, bytes: picture.length },
      base.jobId,
      base.createdAt,
    );
    if (index === 0 || index + 1 === jobs) await storage.images.put(key, picture, 'image/png');
    await storage.jobs.create(job);
    items.push({ jobId: job.jobId, content: index, style: 0 });
  }
  const nothing = { contents: [], styles: [], metadata: {} };
  const keptUntil = new Date(Date.now() + 3_600_000).toISOString();
  await storage.batches.create(batchId, { batchId, createdAt, items, keptUntil, ...nothing });
  return `http://127.0.0.1:${service.port}/api/batch/${batchId}/results`;
}

/** What a process takes, in MiB. */
async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
}
