// The service whole, as a user runs it: real processes, real storage, real sockets, the bundled model.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { problemSchema } from '@impasto/shared';
import { type JobRequest, StyleTransferClient } from '@impasto/shared/client';
import { until } from '@impasto/shared/testing';
import { descendants, isAlive, type RealStack, startRealStack } from './testing/real-stack.ts';

const samples = resolve(import.meta.dirname, '../../../samples');
const landscape = await readFile(join(samples, 'landscape.jpg'));
const waves = await readFile(join(samples, 'style-waves.jpg'));
const small: JobRequest = { contentImage: landscape, styleImage: waves, maxSide: 128 };
/** Long enough to be caught in the middle. */
const large: JobRequest = {
  contentImage: landscape,
  styleImage: waves,
  maxSide: 1280,
  creativity: 1,
  outputFormat: 'jpeg',
};
const settings = { LEASE_SECONDS: '3', COOLDOWN_SECONDS: '3', POLLING_SECONDS: '0.2', MAX_REPLICAS: '1' };
const workerScript = 'container-app/src/main.ts';

let folder: string;
let stack: RealStack;
let client: StyleTransferClient;

async function start(): Promise<void> {
  stack = await startRealStack(join(folder, 'data'), settings);
  client = new StyleTransferClient({ baseUrl: stack.url });
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-'));
  await start();
});
after(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

describe('the whole service', { concurrency: false }, () => {
  it('has no worker while there is no work', () => {
    assert.deepEqual(descendants(stack.pid, workerScript), []);
  });

  it('paints a picture from file to file', async () => {
    const phases = new Set<string>();
    const done = await client.processStyleTransfer({
      contentImagePath: join(samples, 'landscape.jpg'),
      styleImagePath: join(samples, 'style-mosaic.jpg'),
      outputPath: join(folder, 'result.webp'),
      influence: 0.8,
      creativity: 0.6,
      additionalPrompt: 'very vibrant colors, frobnicate',
      maxSide: 300,
      onProgress: ({ phase }) => phases.add(phase),
    });
    const { result } = done.job;
    assert.deepEqual([result.width, result.height, result.format], [300, 200, 'webp']);
    assert.deepEqual(result.prompt, { applied: ['very vibrant colors'], ignored: ['frobnicate'] });
    assert.equal(result.execution_provider, 'cpu');
    assert.match(result.model, /^impasto-v1@/);
    const file = await readFile(join(folder, 'result.webp'));
    assert.equal(file.toString('latin1', 8, 12), 'WEBP');
    assert.equal(file.length, result.bytes);
    assert.ok(phases.has('done'), [...phases].join());
  });

  it('gives the same bytes in the status as under the result address, and 304 to who has them', async () => {
    const { job_id: jobId } = await client.submit(small);
    await client.wait(jobId);
    const { bytes, contentType } = await client.result(jobId);
    assert.equal(contentType, 'image/png');
    const view = (await (await fetch(`${stack.url}/api/status/${jobId}`)).json()) as {
      result: { result_image: string };
    };
    assert.ok(Buffer.from(view.result.result_image, 'base64').equals(Buffer.from(bytes)));
    const etag = (await fetch(`${stack.url}/api/result/${jobId}`)).headers.get('etag') ?? '';
    const again = await fetch(`${stack.url}/api/result/${jobId}`, { headers: { 'If-None-Match': etag } });
    assert.equal(again.status, 304);
  });

  it('stops its worker after the cooldown, and every process of it', async () => {
    await until('no worker', () => descendants(stack.pid, 'container-app').length === 0, 15_000);
  });

  it('ends a picture that passes the header check but not the decoder as failed, with a code', async () => {
    const cut = landscape.subarray(0, landscape.length / 2);
    const { job_id: jobId } = await client.submit({ ...small, contentImage: cut });
    const view = await client.wait(jobId);
    assert.equal(view.status, 'failed');
    assert.equal(view.error?.code, 'image_corrupt');
    assert.equal(view.attempt, 1);
    const result = await fetch(`${stack.url}/api/result/${jobId}`);
    assert.equal(result.status, 409);
    assert.match(problemSchema.parse(await result.json()).detail, /image_corrupt/);
  });

  it('finishes a job whose worker was killed in the middle, once', async () => {
    const { job_id: jobId } = await client.submit(large);
    await until('the painting to begin', async () => (await client.status(jobId)).phase === 'stylizing');
    const [worker] = descendants(stack.pid, workerScript);
    assert.ok(worker !== undefined);
    process.kill(worker, 'SIGKILL');
    const view = await client.wait(jobId, { timeoutSeconds: 60 });
    assert.equal(view.status, 'completed');
    assert.equal(view.attempt, 2);
    assert.equal((await client.result(jobId)).bytes.length, view.result?.bytes);
  });

  it('keeps jobs over a restart, and leaves no process behind when stopped', async () => {
    const { job_id: jobId } = await client.submit(small);
    const processes = [stack.pid, ...descendants(stack.pid)];
    assert.equal(await stack.stop(), 0);
    await until('every process to be gone', () => !processes.some(isAlive), 5_000);
    await start();
    assert.equal((await client.wait(jobId, { timeoutSeconds: 60 })).status, 'completed');
  });

  it('answers what is not in the API with problems', async () => {
    const wrong: [method: string, path: string, status: number, code: string][] = [
      ['GET', '/api/style-transfer', 405, 'method_not_allowed'],
      ['GET', '/api/nowhere', 404, 'not_found'],
      ['GET', '/api/status/..%2f..%2fjobs', 404, 'job_not_found'],
      ['GET', '/api/result/00000000-0000-0000-0000-000000000000', 404, 'job_not_found'],
      ['POST', '/api/style-transfer', 415, 'unsupported_media_type'],
    ];
    for (const [method, path, status, code] of wrong) {
      const answer = await fetch(`${stack.url}${path}`, { method });
      const problem = problemSchema.parse(await answer.json());
      assert.deepEqual([answer.status, problem.code], [status, code], `${method} ${path}`);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    }
  });
});
