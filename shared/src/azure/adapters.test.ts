// Holds the Azure adapters to the contracts, on a real storage emulator.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { JobError } from '../errors.ts';
import type { WorkerReport } from '../ports.ts';
import { stageBounds } from '../telemetry/metrics-buckets.ts';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { describeDocumentStore, type Note } from '../testing/documents-contract.ts';
import { someJob } from '../testing/fixtures.ts';
import { describeJobQueue } from '../testing/queue-contract.ts';
import {
  describeDeadLetterStore,
  describeImageStore,
  describeJobStore,
  describeMutex,
  describeWorkerDirectory,
} from '../testing/store-contracts.ts';
import { transition } from '../transition.ts';
import { makeBlobDocuments } from './blob-documents.ts';
import { connectStorage, createContainersAndQueue, type Storage } from './connect.ts';

let emulator: Emulator;
let storage: Storage;
let container: ContainerClient;

before(async () => {
  emulator = await startAzurite();
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  storage = connectStorage(settings);
  container = BlobServiceClient.fromConnectionString(emulator.connectionString).getContainerClient('notes');
  await container.create();
});
after(() => emulator.stop());

const noteSchema: z.ZodType<Note> = z.object({ text: z.string(), shown: z.string().optional() });
const notes = () => makeBlobDocuments(container, 'note', noteSchema, ({ shown }) => shown);

describeJobStore('azure', () => storage.jobs);
describeImageStore('azure', () => storage.images);
describeJobQueue('azure', () => storage.queue);
describeDeadLetterStore('azure', () => storage.deadLetters);
describeMutex('azure', () => storage.sweeping);
describeWorkerDirectory('azure', () => storage.workers);
describeDocumentStore('azure', notes);

describe('azure: a signed address', () => {
  const bytes = Buffer.from([0, 255, 10, 13, 0, 200]);

  it('lets anybody read this image over HTTP, whole or in parts, under the name that was asked for', async () => {
    const key = `results/${randomUUID()}/1-a.png`;
    await storage.images.put(key, bytes, 'image/png');
    const { url } = await storage.images.sign(key, { seconds: 60, fileName: 'a b.png' });
    const answer = await fetch(url);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/png']);
    assert.match(answer.headers.get('content-disposition') ?? '', /^inline; filename="a b\.png"$/);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
    const part = await fetch(url, { headers: { range: 'bytes=1-2' } });
    assert.deepEqual([part.status, Buffer.from(await part.arrayBuffer())], [206, bytes.subarray(1, 3)]);
  });

  it('lets nobody write, read another image, or read without the signature', async () => {
    const [key, other] = [1, 2].map((attempt) => `results/${randomUUID()}/${attempt}-a.png`);
    assert.ok(key !== undefined && other !== undefined);
    await Promise.all([key, other].map((one) => storage.images.put(one, bytes, 'image/png')));
    const { url } = await storage.images.sign(key, { seconds: 60, fileName: 'a.png' });
    const writing = await fetch(url, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
      body: 'other',
    });
    const elsewhere = await fetch(url.replace(key, other));
    const unsigned = await fetch(url.split('?', 1)[0] ?? '');
    assert.equal(writing.status, 403);
    assert.ok(
      [401, 403, 404].includes(elsewhere.status) && elsewhere.status !== 200,
      String(elsewhere.status),
    );
    assert.ok([401, 403, 404, 409].includes(unsigned.status), String(unsigned.status));
  });
});

describe('azure: a record to which a later version has added something', () => {
  it('keeps what was added when it is written', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    const jobs = BlobServiceClient.fromConnectionString(emulator.connectionString).getContainerClient('jobs');
    const blob = jobs.getBlockBlobClient(`${job.jobId}.json`);
    const text = JSON.stringify({ v: 1, writeId: 'a', job: { ...job, fromTheFuture: ['kept'] } });
    await blob.upload(text, Buffer.byteLength(text));
    await storage.jobs.update(job.jobId, (now) => transition(now, { type: 'resent' }));
    const { job: kept } = JSON.parse(String(await blob.downloadToBuffer()));
    assert.deepEqual([kept.resends, kept.fromTheFuture], [1, ['kept']]);
  });
});

describe('azure: what listings show', () => {
  const containerOf = (name: string) =>
    BlobServiceClient.fromConnectionString(emulator.connectionString).getContainerClient(name);

  it('has failed jobs, of a version that did not list their code, without one', async () => {
    const { jobId } = someJob();
    const summary = JSON.stringify({ status: 'failed', phase: 'done', attempt: 1, replays: 0 });
    await containerOf('jobs').getBlockBlobClient(`${jobId}.json`).upload('', 0, { metadata: { summary } });
    const listed = await Array.fromAsync(storage.jobs.list());
    const { status, reason } = listed.find((one) => one.jobId === jobId) ?? assert.fail('not listed');
    assert.deepEqual([status, reason], ['failed', undefined]);
  });

  it('has the largest report that a worker can write within the metadata of a blob', async () => {
    const workerId = randomUUID();
    const stages = ['fetch', 'decode', 'style_code', 'stylize', 'finish', 'encode', 'store'];
    const most = { counts: new Array(stageBounds.length + 1).fill(1e9), sum: 1e12 };
    const stageSeconds = Object.fromEntries(stages.map((stage) => [stage, most]));
    const report: WorkerReport = {
      ...{ workerId, state: 'busy', model: 'm'.repeat(100), executionProvider: 'tensorrt' },
      ...{ recentJobSeconds: new Array(20).fill(12_345.678), modelLoadSeconds: 12_345.678, stageSeconds },
    };
    await storage.workers.publish(report);
    const { metadata } = await containerOf('workers').getBlobClient(workerId).getProperties();
    assert.ok((metadata?.report?.length ?? 0) > 1_000 && (metadata?.report?.length ?? 0) < 4_096);
    const seen = (await storage.workers.list()).find((one) => one.report.workerId === workerId);
    assert.deepEqual(seen?.report, report);
  });

  it('counts what the Functions host has given up: nothing, where it has not made that queue', async () => {
    assert.equal(await storage.poison.countMessages(), 0);
    const queues = QueueServiceClient.fromConnectionString(emulator.connectionString);
    const poison = queues.getQueueClient('webhooks-poison');
    await poison.create();
    await poison.sendMessage('given up');
    assert.equal(await storage.poison.countMessages(), 1);
  });
});

describe('azure: a document that cannot be understood', () => {
  const upload = async (text: string): Promise<string> => {
    const name = randomUUID();
    await container.getBlockBlobClient(`${name}.json`).upload(text, Buffer.byteLength(text));
    return name;
  };

  it('is told apart from one that is not there, and from one of a later version', async () => {
    const unreadable = ['', '{', '[]', '{"v":1,"writeId":"a"}', '{"v":1,"writeId":"a","value":{"text":1}}'];
    for (const text of unreadable) {
      const reading = notes().get(await upload(text));
      await assert.rejects(
        reading,
        (error) => error instanceof JobError && error.code === 'record_unreadable',
      );
    }
    const newer = notes().get(await upload('{"v":2,"anything":true}'));
    await assert.rejects(newer, (error) => error instanceof JobError && error.code === 'newer_version');
  });

  it('is listed like any other, and can be deleted', async () => {
    const name = await upload('{');
    const { documents } = await notes().list({ prefix: name, limit: 10 });
    assert.deepEqual(
      documents.map((one) => one.name),
      [name],
    );
    assert.equal(await notes().delete(name), true);
  });
});
