import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { type JobQueue, type JobStore, limits, submissionReceiptSchema } from '@impasto/shared';
import {
  makeMemoryImageStore,
  makeMemoryJobQueue,
  makeMemoryJobStore,
  makeMemoryWorkerDirectory,
} from '@impasto/shared/testing';
import { makeSubmitJob } from './submit-job.ts';
import { invoke, postJson, problemOf } from './testing/invoke.ts';
import { gifHeader, isoMedia, tinyPng, webpHeader } from './testing/tiny-images.ts';

const picture = tinyPng(32, 24);
const base64 = picture.toString('base64');
const good = { content_image: base64, style_image: base64 };

function setUp(broken: { jobs?: Partial<JobStore>; queue?: Partial<JobQueue> } = {}) {
  const jobs = { ...makeMemoryJobStore(), ...broken.jobs };
  const queue = { ...makeMemoryJobQueue(), ...broken.queue };
  const images = makeMemoryImageStore();
  const workers = makeMemoryWorkerDirectory();
  const models = ['impasto-v1', 'other'];
  const assumedColdStart = { low: 30, high: 120 };
  const submit = makeSubmitJob({ jobs, images, queue, workers, models, maxReplicas: 3, assumedColdStart });
  return { submit, jobs, images, queue, workers };
}

const bytes = (text: string) => Buffer.from(text).toString('base64');

/** What is sent, and the status, code and pointer of the answer. `null` as a field takes it away. */
const refused: [what: string, body: unknown, status: number, code: string, pointer?: string][] = [
  ['an empty body', '', 400, 'invalid_json'],
  ['half a body', '{', 400, 'invalid_json'],
  ['a trailing comma', '{"a":1,}', 400, 'invalid_json'],
  ['two documents', '{}{}', 400, 'invalid_json'],
  ['a raw NUL in a string', '{"a":"\0"}', 400, 'invalid_json'],
  ['an array', '[]', 422, 'invalid_body'],
  ['a string', '"x"', 422, 'invalid_body'],
  ['null', 'null', 422, 'invalid_body'],
  ['a deep unknown field', `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 422, 'required'],
  ['a misspelt field', { ...good, influense: 1 }, 422, 'unknown_field', '/influense'],
  [
    'a __proto__ key',
    `{"__proto__":{},"content_image":"${base64}","style_image":"${base64}"}`,
    422,
    'unknown_field',
  ],
  ['a constructor key', { ...good, constructor: 1 }, 422, 'unknown_field', '/constructor'],
  ['no content image', { style_image: base64 }, 422, 'required', '/content_image'],
  ['no style image', { content_image: base64 }, 422, 'required', '/style_image'],
  ['null as an image', { ...good, content_image: null }, 422, 'invalid_type', '/content_image'],
  ['a number as an image', { ...good, content_image: 7 }, 422, 'invalid_type', '/content_image'],
  ['an empty image', { ...good, style_image: '' }, 422, 'required', '/style_image'],
  ['influence as text', { ...good, influence: '0.5' }, 422, 'invalid_type', '/influence'],
  ['influence below 0', { ...good, influence: -0.01 }, 422, 'out_of_range', '/influence'],
  ['influence above 1', { ...good, influence: 1.0000001 }, 422, 'out_of_range', '/influence'],
  [
    'infinite influence',
    JSON.stringify(good).replace('}', ',"influence":1e400}'),
    422,
    'invalid_type',
    '/influence',
  ],
  ['null as creativity', { ...good, creativity: null }, 422, 'invalid_type', '/creativity'],
  ['a long prompt', { ...good, additional_prompt: 'x'.repeat(501) }, 422, 'too_long', '/additional_prompt'],
  [
    'half a surrogate pair',
    { ...good, additional_prompt: 'a\ud800' },
    422,
    'invalid_text',
    '/additional_prompt',
  ],
  ['a side of 0', { ...good, max_side: 0 }, 422, 'out_of_range', '/max_side'],
  ['a side of 1.5', { ...good, max_side: 100.5 }, 422, 'invalid_type', '/max_side'],
  ['a side of 4097', { ...good, max_side: 4097 }, 422, 'out_of_range', '/max_side'],
  ['an unknown output format', { ...good, output_format: 'bmp' }, 422, 'invalid_value', '/output_format'],
  ['an output quality of 0', { ...good, output_quality: 0 }, 422, 'out_of_range', '/output_quality'],
  ['a model outside', { ...good, model: '../x' }, 422, 'unknown_model', '/model'],
  ['a seed of 2^53', { ...good, seed: 2 ** 53 }, 422, 'out_of_range', '/seed'],
  [
    'base64 without padding',
    { ...good, content_image: bytes('hello').replace('=', '') },
    422,
    'invalid_base64',
    '/content_image',
  ],
  ['url-safe base64', { ...good, content_image: '-_-_' }, 422, 'invalid_base64', '/content_image'],
  [
    'a line end in base64',
    { ...good, content_image: `${base64.slice(0, 8)}\n${base64.slice(8)}` },
    422,
    'invalid_base64',
  ],
  [
    'junk in base64',
    { ...good, content_image: `${base64.slice(0, 8)}!!!!${base64.slice(8)}` },
    422,
    'invalid_base64',
  ],
  ['padding in the middle', { ...good, content_image: 'aGk=aGk=' }, 422, 'invalid_base64', '/content_image'],
  ['text after the padding', { ...good, content_image: 'aGk=aG' }, 422, 'invalid_base64', '/content_image'],
  [
    'spare bits that are not zero',
    { ...good, content_image: 'aGVsbG9=' },
    422,
    'invalid_base64',
    '/content_image',
  ],
  ['only padding', { ...good, content_image: '====' }, 422, 'invalid_base64', '/content_image'],
  ['one character', { ...good, content_image: 'a' }, 422, 'invalid_base64', '/content_image'],
  [
    'a data URI without base64',
    { ...good, content_image: `data:image/png,${base64}` },
    422,
    'invalid_base64',
  ],
  [
    'a data URI of HTML',
    { ...good, content_image: `data:text/html;base64,${base64}` },
    422,
    'invalid_base64',
  ],
  [
    'a data URI with two commas',
    { ...good, content_image: `data:image/png;base64,,${base64}` },
    422,
    'invalid_base64',
  ],
  [
    'text as an image',
    { ...good, content_image: bytes('hello world') },
    415,
    'unsupported_image_format',
    '/content_image',
  ],
  [
    'SVG',
    { ...good, style_image: bytes('<svg xmlns="http://www.w3.org/2000/svg"/>') },
    415,
    'unsupported_image_format',
  ],
  ['PDF', { ...good, style_image: bytes('%PDF-1.7\n') }, 415, 'unsupported_image_format', '/style_image'],
  [
    'BMP',
    { ...good, style_image: bytes('BM\0\0\0\0\0\0\0\0') },
    415,
    'unsupported_image_format',
    '/style_image',
  ],
  ['HEIC', { ...good, style_image: isoMedia('heic').toString('base64') }, 415, 'unsupported_image_format'],
  [
    'an animated AVIF',
    { ...good, style_image: isoMedia('avis').toString('base64') },
    415,
    'unsupported_image_format',
    '/style_image',
  ],
  ['BigTIFF', { ...good, style_image: bytes('II+\0\b\0\0\0') }, 415, 'unsupported_image_format'],
  [
    'a hundred fields',
    Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, i])),
    422,
    'invalid_body',
  ],
  [
    'a PNG of 20 bytes',
    { ...good, content_image: picture.subarray(0, 20).toString('base64') },
    422,
    'image_corrupt',
  ],
  ['an empty AVIF', { ...good, content_image: isoMedia('avif').toString('base64') }, 422, 'image_corrupt'],
  [
    'a picture of 15 x 100',
    { ...good, content_image: tinyPng(15, 100).toString('base64') },
    422,
    'image_too_small',
  ],
  [
    'a PNG that claims 20000 x 20000',
    huge(tinyPng(16, 16, { width: 20_000, height: 20_000 })),
    422,
    'too_many_pixels',
  ],
  ['a WebP that claims 16383 x 16383', huge(webpHeader(16_383, 16_383)), 422, 'too_many_pixels'],
  ['a GIF that claims 65535 x 65535', huge(gifHeader(65_535, 65_535)), 422, 'too_many_pixels'],
  [
    'a picture of 16 x 1000',
    { ...good, content_image: tinyPng(16, 1000).toString('base64') },
    422,
    'aspect_ratio',
  ],
];

function huge(file: Buffer) {
  return { ...good, content_image: file.toString('base64') };
}

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
    const { submit, workers } = setUp();
    const cold = submissionReceiptSchema.parse((await postJson(submit, good)).body);
    assert.match(cold.estimated_wait_time, /^\d+-\d+ seconds for first request$/);
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

  for (const [what, body, status, code, pointer] of refused) {
    it(`refuses ${what} as ${code}, and stores nothing`, async () => {
      const { submit, images, queue } = setUp();
      const answer = await postJson(submit, body);
      const problem = problemOf(answer);
      assert.equal(answer.status, status, JSON.stringify(problem).slice(0, 500));
      assert.equal(problem.code, code);
      assert.equal(problem.status, status);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.ok(problem.detail.length > 20 && problem.detail.length < 400, problem.detail);
      if (pointer !== undefined) assert.ok(problem.errors?.some((one) => one.pointer === pointer));
      assert.deepEqual(images.keys(), []);
      assert.equal(await queue.countMessages(), 0);
    });
  }

  it('names the field that was probably meant', async () => {
    const problem = problemOf(await postJson(setUp().submit, { ...good, influense: 1 }));
    assert.match(problem.detail, /did you mean influence\?/);
  });

  it('reports every problem at once', async () => {
    const body = { content_image: bytes('x'), style_image: 'a', model: 'nope' };
    const problem = problemOf(await postJson(setUp().submit, body));
    assert.deepEqual(
      problem.errors?.map((one) => one.pointer),
      ['/model', '/content_image', '/style_image'],
    );
  });

  it('finds an image too large by its length', async () => {
    const body = { ...good, content_image: 'A'.repeat(Math.ceil((limits.maxImageBytes + 3) / 3) * 4) };
    const answer = await postJson(setUp().submit, body);
    assert.equal(answer.status, 413);
    assert.equal(problemOf(answer).code, 'image_too_large');
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

  it('refuses bodies that are not plain JSON', async () => {
    const { submit } = setUp();
    for (const type of ['text/plain', 'application/json; charset=utf-7', 'multipart/form-data']) {
      const answer = await postJson(submit, good, { 'content-type': type });
      assert.equal(problemOf(answer).code, 'unsupported_media_type');
    }
    const untyped = await invoke(submit, { method: 'POST', body: JSON.stringify(good) });
    assert.equal(untyped.status, 415);
    assert.equal(
      problemOf(await postJson(submit, good, { 'content-encoding': 'gzip' })).code,
      'unsupported_encoding',
    );
    assert.equal(
      (await postJson(submit, good, { 'content-type': 'application/json; charset=utf-8' })).status,
      202,
    );
  });

  it('leaves nothing behind when the record cannot be written', async () => {
    const down = async () => {
      throw new Error('connect ECONNREFUSED');
    };
    const { submit, images, queue } = setUp({ jobs: { create: down } });
    const answer = await postJson(submit, good);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(problemOf(answer).detail, /ECONNREFUSED/);
    assert.deepEqual(images.keys(), []);
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
});
