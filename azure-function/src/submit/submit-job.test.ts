import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { indexNameOf, type JobQueue, type JobStore, limits, submissionReceiptSchema } from '@impasto/shared';
import { makeMemoryJobStore, makeMemoryPorts, until } from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { v4 as uuidv4 } from 'uuid';
import { type FaultCall, withFaultPoints } from '../../../shared/src/testing/fault-points.ts';
import { postJson, problemOf } from '../testing/invoke.ts';
import { serveOverSockets } from '../testing/over-sockets.ts';
import { makeTestSubmit } from '../testing/submitting.ts';
import { makePlaces } from '../waiting/places.ts';

const picture = tinyPng(32, 24);
const base64 = picture.toString('base64');
const good = { content_image: base64, style_image: base64 };

const maxQueued = 3;

function setUp(broken: { jobs?: Partial<JobStore>; queue?: Partial<JobQueue> } = {}) {
  const memory = makeMemoryPorts();
  const ports = {
    ...memory,
    jobs: { ...memory.jobs, ...broken.jobs },
    queue: { ...memory.queue, ...broken.queue },
  };
  const models = [{ name: 'impasto-v1', version: '1.0.0' }, { name: 'other' }];
  return { submit: makeTestSubmit(ports, { models, maxQueued }), ...ports };
}

const bytes = (text: string) => Buffer.from(text).toString('base64');

describe('submitting a job', () => {
  it('stores images, record and message, and says where to look', async () => {
    const { submit, jobs, images, queue } = setUp();
    const answer = await postJson(submit, { ...good, influence: 0.3, additional_prompt: 'vivid', seed: 7 });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    const receipt = submissionReceiptSchema.parse(answer.body);
    assert.equal(answer.headers.location, `http://localhost:7071/api/status/${receipt.job_id}`);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
    const stored = await jobs.get(receipt.job_id);
    assert.equal(stored?.job.parameters.influence, 0.3);
    assert.equal(stored.job.parameters.creativity, 0.5);
    assert.equal(stored.job.parameters.model, 'impasto-v1');
    assert.equal(stored.job.parameters.seed, 7);
    assert.deepEqual(images.keys(), [stored.job.inputs.content, stored.job.inputs.style].sort());
    const content = await images.get(stored.job.inputs.content);
    assert.ok(content && (await buffer(content.body)).equals(picture));
    assert.equal(content.contentType, 'image/png');
    const message = JSON.parse((await queue.receive(10))?.text ?? '');
    assert.deepEqual(message, { v: 1, job_id: receipt.job_id, traceparent: stored.job.traceparent });
  });

  it('says in words and numbers that a first request has to wake somebody', async () => {
    const cold = submissionReceiptSchema.parse((await postJson(setUp().submit, good)).body);
    assert.match(cold.estimated_wait_time, /^\d+-\d+ seconds for first request$/);
    const { submit, workers } = setUp();
    await workers.publish({
      workerId: 'w',
      state: 'ready',
      model: 'm',
      executionProvider: 'cpu',
      recentJobSeconds: [1, 2],
    });
    const warm = submissionReceiptSchema.parse((await postJson(submit, good)).body);
    assert.match(warm.estimated_wait_time, /^\d+(-\d+)? seconds$/);
    assert.ok(warm.estimated_wait_seconds.high < cold.estimated_wait_seconds.high);
  });

  it('takes a data URI, whatever type it declares, and goes on the trace of its caller', async () => {
    const { submit, jobs } = setUp();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const body = { ...good, content_image: `data:image/jpeg;base64,${base64}` };
    const receipt = submissionReceiptSchema.parse((await postJson(submit, body, { traceparent })).body);
    const trace = (await jobs.get(receipt.job_id))?.job.traceparent;
    assert.match(trace ?? '', /^00-0af7651916cd43dd8448eb211c80319c-/);
    assert.notEqual(trace, traceparent);
  });

  it('records what its caller wants done about the job, and what was foretold', async () => {
    const { submit, jobs, jobIndex } = setUp();
    const wanted = { metadata: { a: 'b' }, retention_hours: 2, webhook_url: 'https://hooks.example.com/x' };
    const answer = await postJson(submit, { ...good, ...wanted, webhook_events: ['job.failed'] });
    const receipt = submissionReceiptSchema.parse(answer.body);
    assert.deepEqual([receipt.metadata, receipt.cache], [{ a: 'b' }, { hit: false, source_job_id: null }]);
    const { job } = (await jobs.get(receipt.job_id)) ?? {};
    const sha256 = createHash('sha256').update(picture).digest('hex');
    assert.deepEqual(job?.inputHashes, { content: sha256, style: sha256 });
    const origin = 'http://localhost:7071';
    assert.deepEqual(job?.webhook, { url: wanted.webhook_url, events: ['job.failed'], origin });
    assert.deepEqual([job.metadata, job.retentionHours], [wanted.metadata, 2]);
    assert.deepEqual(job.estimate, { ...receipt.estimated_wait_seconds, cold: true });
    assert.equal(job.confirmed, undefined);
    assert.deepEqual(jobIndex.names(), [indexNameOf(job)]);
  });

  it('asks the storage for no more than it has to', async () => {
    const { submit: _own, ...ports } = setUp();
    const calls: string[] = [];
    const note = ({ point, when }: FaultCall) => void (when === 'before' && calls.push(point));
    const counted = { ...ports, ...withFaultPoints(ports, note) };
    const models = [{ name: 'impasto-v1', version: '1.0.0' }];
    await postJson(makeTestSubmit(counted, { models }), good, { 'Idempotency-Key': 'k' });
    const written = ['indexed', 'inputs.1', 'inputs.2', 'reuse.written', 'record.created', 'message.sent'];
    // The look at the queue is for all who come within a second.
    const own = calls.filter((point) => point !== 'counted' && point !== 'peeked');
    assert.deepEqual(own.sort(), ['document.read', 'key.written', ...written].sort());
  });

  it('reports every problem at once', async () => {
    const body = { content_image: bytes('x'), style_image: 'a', model: 'nope' };
    const problem = problemOf(await postJson(setUp().submit, body));
    assert.deepEqual(
      problem.errors?.map((one) => one.pointer),
      ['/model', '/content_image', '/style_image'],
    );
  });

  it('takes an image of the largest size, 20 MiB of base64 and all', async () => {
    const large = Buffer.concat([picture, Buffer.alloc(limits.maxImageBytes - picture.length)]);
    const answer = await postJson(setUp().submit, { ...good, content_image: large.toString('base64') });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
  });

  it('refuses a body that is too large by what it declares, before it reads it', async () => {
    const answer = await postJson(setUp().submit, good, {
      'content-length': String(limits.maxBodyBytes + 1),
    });
    assert.equal(answer.status, 413);
    assert.equal(problemOf(answer).code, 'body_too_large');
  });

  it('leaves the images to the sweeper when nobody knows whether the record was written', async () => {
    const down = async () => {
      throw new Error('connect ECONNREFUSED');
    };
    const { submit, images, jobIndex, queue } = setUp({ jobs: { create: down } });
    const answer = await postJson(submit, good);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(problemOf(answer).detail, /ECONNREFUSED/);
    assert.deepEqual([images.keys().length, jobIndex.names().length], [2, 1]);
    assert.equal(await queue.countMessages(), 0);
  });

  it('cancels the job when the message cannot be sent, so that nobody works for a caller who was told no', async () => {
    const made: string[] = [];
    const store = makeMemoryJobStore();
    const create: JobStore['create'] = async (job) => {
      made.push(job.jobId);
      await store.create(job);
    };
    const send = async () => {
      throw new Error('down');
    };
    const { submit, images } = setUp({ jobs: { ...store, create }, queue: { send } });
    assert.equal((await postJson(submit, good)).status, 500);
    assert.equal((await store.get(made[0] ?? ''))?.job.status, 'canceled');
    assert.deepEqual(images.keys(), []);
  });

  it('is refused while too many jobs wait, with a time to come back, and leaves nothing', async () => {
    const { submit, images, queue, jobs, idempotencyKeys, jobIndex, reuse } = setUp();
    for (let count = 0; count < maxQueued; count += 1) await queue.send('{}');
    const answer = await postJson(submit, good, { 'Idempotency-Key': 'k' });
    assert.equal(answer.status, 429, JSON.stringify(answer.body));
    const { code, retryable } = problemOf(answer);
    assert.deepEqual([code, retryable], ['queue_full', true]);
    assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
    assert.deepEqual(images.keys(), []);
    for await (const job of jobs.list()) assert.fail(`found the record of job ${job.jobId}`);
    assert.equal(await queue.countMessages(), maxQueued);
    assert.deepEqual(
      [idempotencyKeys, jobIndex, reuse].map((one) => one.names()),
      [[], [], []],
    );
  });

  it('S11: gives out ids of which 100,000 differ, with all of their 122 free bits at random', () => {
    const ids = new Set<string>();
    let [ever, always] = [0n, (1n << 128n) - 1n];
    for (let count = 0; count < 100_000; count += 1) {
      const id = uuidv4();
      ids.add(id);
      const bits = BigInt(`0x${id.replaceAll('-', '')}`);
      [ever, always] = [ever | bits, always & bits];
    }
    assert.equal(ids.size, 100_000);
    const free = ever ^ always;
    assert.equal(free.toString(2).replaceAll('0', '').length, 122);
  });
});

describe('waiting for the job that was sent', () => {
  it('ends when its caller leaves, and the job stays', async (test) => {
    const ports = makeMemoryPorts();
    const places = makePlaces(1);
    const isFree = () => {
      const leave = places.take();
      leave?.();
      return leave !== undefined;
    };
    const sockets = await serveOverSockets(test, makeTestSubmit(ports, { places }));
    const headers = { 'content-type': 'application/json', prefer: 'wait=60' };
    const call = { method: 'POST', path: '/api/style-transfer', headers, body: JSON.stringify(good) };
    const outgoing = sockets.send('leaves', call);
    await until('a caller that waits', () => !isFree());
    outgoing.destroy();
    await until('a place that is free again', isFree);
    assert.equal(await ports.queue.countMessages(), 1);
  });
});
