import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import {
  type Job,
  type JobResult,
  noticeSchema,
  reuseKey,
  submissionReceiptSchema,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someParameters, someResult } from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { type Answer, postJson } from '../testing/invoke.ts';
import { makeTestSubmit, type SubmitPorts } from '../testing/submitting.ts';

const picture = tinyPng(32, 24).toString('base64');
const good = { content_image: picture, style_image: picture };
const painted = Buffer.from('a painted picture');
const thumbnail = Buffer.from('a small one');
const models = [{ name: 'impasto-v1', version: '1.0.0' }, { name: 'other' }];

function setUp(broken: Partial<ReturnType<typeof makeMemoryPorts>> = {}, maxQueued = 1000) {
  const ports = { ...makeMemoryPorts(), ...broken };
  const submit = makeTestSubmit(ports, { models, maxQueued });

  async function send(changes: object = {}, headers: Record<string, string> = {}) {
    const answer = await postJson(submit, { ...good, ...changes }, headers);
    return { answer, receipt: submissionReceiptSchema.parse(answer.body) };
  }

  /** As a worker does it. */
  async function paint(jobId: string, changes: Partial<JobResult> = {}): Promise<JobResult> {
    const key = `results/${jobId}/1-${crypto.randomUUID()}.png`;
    const sha256 = createHash('sha256').update(painted).digest('hex');
    const small = { width: 8, height: 6, bytes: thumbnail.length };
    const result = { ...someResult, key, sha256, bytes: painted.length, thumbnail: small, ...changes };
    await ports.images.put(key, painted, 'image/png');
    await ports.images.put(thumbnailKeyOf(key), thumbnail, 'image/webp');
    const at = new Date().toISOString();
    const claim = { owner: 'w', attempt: 1 };
    await ports.jobs.update(jobId, (job) => transition(job, { type: 'claimed', owner: 'w', at }));
    await ports.jobs.update(jobId, (job) => transition(job, { type: 'completed', claim, result, at }));
    return result;
  }

  async function sendAndPaint(changes: object = {}, result: Partial<JobResult> = {}) {
    const { receipt } = await send(changes);
    return { jobId: receipt.job_id, result: await paint(receipt.job_id, result) };
  }

  const jobOf = async (jobId: string): Promise<Job | undefined> => (await ports.jobs.get(jobId))?.job;
  return { ports, submit, send, paint, sendAndPaint, jobOf };
}

function agedGet({ get }: SubmitPorts['idempotencyKeys']): SubmitPorts['idempotencyKeys']['get'] {
  return async (name, options) => {
    const found = await get(name, options);
    return found && { ...found, ageSeconds: 1e6 };
  };
}

async function bytesOf({ images }: Pick<SubmitPorts, 'images'>, key: string): Promise<string> {
  const image = await images.get(key);
  return image ? (await buffer(image.body)).toString() : 'nothing';
}

function assertMiss({ answer, receipt }: { answer: Answer; receipt: { cache: object } }, what = ''): void {
  assert.equal(answer.status, 202, what);
  assert.deepEqual(receipt.cache, { hit: false, source_job_id: null }, what);
}

describe('a picture that was painted before', () => {
  it('is given to the next who asks for it, at once and as a copy of its own', async () => {
    const { ports, send, sendAndPaint, jobOf } = setUp();
    const source = await sendAndPaint({ seed: 7 });
    const { answer, receipt } = await send({ seed: 7, metadata: { a: 'b' } });
    assert.deepEqual([answer.status, receipt.status, receipt.done], [200, 'completed', true]);
    assert.deepEqual(receipt.cache, { hit: true, source_job_id: source.jobId });
    assert.deepEqual(receipt.estimated_wait_seconds, { low: 0, high: 0 });
    assert.deepEqual([answer.headers['retry-after'], receipt.metadata], [undefined, { a: 'b' }]);
    assert.notEqual(receipt.job_id, source.jobId);
    const job = await jobOf(receipt.job_id);
    assert.ok(job?.status === 'completed');
    assert.match(job.result.key, new RegExp(`^results/${job.jobId}/0-[0-9a-f-]{36}\\.png$`));
    assert.deepEqual({ ...job.result, key: '' }, { ...source.result, key: '' });
    assert.equal(await bytesOf(ports, job.result.key), painted.toString());
    assert.equal(await bytesOf(ports, thumbnailKeyOf(job.result.key)), thumbnail.toString());
    assert.equal(await ports.queue.countMessages(), 1);
    assert.equal(ports.jobIndex.names().length, 2);
  });

  it('is found whichever of those that waited together has painted it', async () => {
    for (const painter of [0, 1]) {
      const { ports, send, paint } = setUp();
      const waiting = [(await send()).receipt.job_id, (await send()).receipt.job_id];
      const at = new Date().toISOString();
      for (const [place, jobId] of waiting.entries())
        if (place === painter) await paint(jobId);
        else await ports.jobs.update(jobId, (job) => transition(job, { type: 'canceled', at }));
      assert.deepEqual((await send()).receipt.cache, { hit: true, source_job_id: waiting[painter] });
    }
  });

  it('is found after a job like it could not be taken', async () => {
    const memory = makeMemoryPorts();
    let isFull = false;
    const put: typeof memory.images.put = async (...image) => {
      if (isFull) throw new Error('down');
      await memory.images.put(...image);
    };
    const { send, submit, paint } = setUp({ ...memory, images: { ...memory.images, put } });
    const first = (await send()).receipt.job_id;
    isFull = true;
    assert.equal((await postJson(submit, good)).status, 500);
    isFull = false;
    await paint(first);
    assert.equal((await send()).answer.status, 200);
  });

  it('is kept from when it was copied, however long ago its request first came', async () => {
    const { ports, send, sendAndPaint, jobOf } = setUp();
    await sendAndPaint();
    const key = { 'Idempotency-Key': 'k' };
    const { receipt } = await send({}, key);
    const job = await jobOf(receipt.job_id);
    assert.ok(job);
    const createdAt = '2026-01-01T00:00:00.000Z';
    const [name = ''] = ports.idempotencyKeys.names();
    const record = (await ports.idempotencyKeys.get(name))?.value;
    assert.ok(record);
    // Its request fell silent long ago, before it recorded anything.
    const id = crypto.randomUUID();
    const old = { ...ports.idempotencyKeys, get: agedGet(ports.idempotencyKeys) };
    await ports.idempotencyKeys.put(name, { ...record, id, createdAt });
    const submit = makeTestSubmit({ ...ports, idempotencyKeys: old }, { models });
    assert.equal((await postJson(submit, good, key)).status, 200);
    const copied = await jobOf(id);
    assert.ok(copied?.status === 'completed');
    assert.equal(copied.createdAt, createdAt);
    assert.ok(Date.now() - Date.parse(copied.completedAt) < 60_000, copied.completedAt);
  });

  it('comes from the job that painted it, however often it was copied, and outlives it', async () => {
    const { ports, send, sendAndPaint } = setUp();
    const source = await sendAndPaint({ retention_hours: 1 });
    await send({ retention_hours: 720 });
    await send({ retention_hours: 2 });
    await ports.jobs.delete(source.jobId, () => true);
    await ports.images.delete(source.result.key);
    const { receipt } = await send();
    assert.deepEqual(receipt.cache, { hit: true, source_job_id: source.jobId });
  });

  it('is given out while the queue is full', async () => {
    const { ports, send, sendAndPaint } = setUp({}, 1);
    await sendAndPaint();
    assert.equal((await send()).answer.status, 200);
    assert.equal(await ports.queue.countMessages(), 1);
  });

  it('is told of to the receiver of the job that gets it', async () => {
    const { ports, send, sendAndPaint } = setUp();
    await sendAndPaint();
    const { receipt } = await send({ webhook_url: 'https://hooks.example.com/x' });
    const [notice] = await ports.notices.peek();
    const { job_id, event } = noticeSchema.parse(JSON.parse(notice?.text ?? ''));
    assert.deepEqual([job_id, event], [receipt.job_id, 'job.completed']);
  });

  it('is given to the same request once', async () => {
    const { send, sendAndPaint } = setUp();
    await sendAndPaint();
    const key = { 'Idempotency-Key': 'k' };
    const first = await send({}, key);
    const again = await send({}, key);
    assert.deepEqual([again.answer.status, again.receipt.job_id], [200, first.receipt.job_id]);
    assert.equal(again.answer.headers['idempotency-replayed'], 'true');
  });
});

describe('a picture is painted anew', () => {
  it('where it is asked for with anything else', async () => {
    const { send, sendAndPaint } = setUp();
    await sendAndPaint({ seed: 1 });
    const other = tinyPng(33, 24).toString('base64');
    for (const changes of [
      { seed: 2 },
      {},
      { seed: 1, influence: 0.71 },
      { seed: 1, output_format: 'jpeg' },
      { seed: 1, content_image: other },
      { seed: 1, style_image: other },
      { seed: 1, model: 'other' },
      { seed: 1, no_cache: true },
    ])
      assertMiss(await send(changes), JSON.stringify(changes));
  });

  it('where another version of the model has painted it', async () => {
    const { send, sendAndPaint } = setUp();
    await sendAndPaint({}, { model: 'impasto-v1@0.9.0' });
    assertMiss(await send());
  });

  it('for whoever wants that, and what comes of it is not reused', async () => {
    const { ports, send, paint } = setUp();
    const { receipt } = await send({ no_cache: true });
    await paint(receipt.job_id);
    assert.deepEqual(ports.reuse.names(), []);
    assertMiss(await send());
  });

  it('where the version of the model is not known', async () => {
    const { ports, send } = setUp();
    await send({ model: 'other' });
    assert.deepEqual(ports.reuse.names(), []);
  });

  it('where the one before failed, is gone, or its time is over', async () => {
    const { ports, send, sendAndPaint, jobOf } = setUp();
    const failed = (await send()).receipt.job_id;
    const at = new Date().toISOString();
    const error = { code: 'model_failed', message: 'x', retryable: false };
    const claim = { owner: 'w', attempt: 1 };
    await ports.jobs.update(failed, (job) => transition(job, { type: 'claimed', owner: 'w', at }));
    await ports.jobs.update(failed, (job) => transition(job, { type: 'attempt_failed', claim, error, at }));
    assert.equal((await jobOf(failed))?.status, 'failed');
    assertMiss(await send(), 'failed');
    const gone = await sendAndPaint();
    await ports.jobs.delete(gone.jobId, () => true);
    assertMiss(await send(), 'gone');
    const old = await sendAndPaint({ retention_hours: 1 });
    await ports.jobs.update(old.jobId, (job) => ({ ...job, completedAt: '2026-01-01T00:00:00.000Z' }) as Job);
    assertMiss(await send(), 'over');
  });

  it('where its bytes are deleted in the middle, and nothing is left half-written', async () => {
    const { ports, send, sendAndPaint } = setUp();
    for (const spoil of [
      (key: string) => ports.images.delete(key),
      (key: string) => ports.images.delete(thumbnailKeyOf(key)),
      (key: string) => ports.images.put(key, Buffer.from('another picture'), 'image/png'),
    ]) {
      const { result } = await sendAndPaint();
      await spoil(result.key);
      const before = ports.images.keys().filter((key) => key.startsWith('results/'));
      const missed = await send();
      assertMiss(missed);
      assert.deepEqual(
        ports.images.keys().filter((key) => key.startsWith('results/')),
        before,
      );
    }
  });

  it('where nobody can be asked what was painted', async () => {
    const { reuse } = makeMemoryPorts();
    const down = () => Promise.reject(new Error('down'));
    const { send } = setUp({ reuse: { ...reuse, get: down, put: down } });
    assertMiss(await send());
  });

  it('and is not lost with a copy that cannot be recorded', async () => {
    const memory = makeMemoryPorts();
    let isDown = false;
    const create: typeof memory.jobs.create = async (job) => {
      if (isDown) throw new Error('down');
      await memory.jobs.create(job);
    };
    const { ports, submit, sendAndPaint, send } = setUp({ ...memory, jobs: { ...memory.jobs, create } });
    await sendAndPaint();
    isDown = true;
    assert.equal((await postJson(submit, good)).status, 500);
    // The record of the copy may yet appear.
    assert.equal(ports.jobIndex.names().length, 2);
    isDown = false;
    assert.equal((await send()).answer.status, 200);
  });

  it('for another owner', () => {
    const hash = 'ab'.repeat(32);
    const one = { contentSha256: hash, styleSha256: hash, model: 'm@1', parameters: someParameters };
    const keys = ['', 'a', 'b'].map((owner) => reuseKey({ ...one, owner }));
    assert.equal(new Set(keys).size, 3);
  });
});
