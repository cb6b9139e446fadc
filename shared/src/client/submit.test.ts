import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limits } from '../submission.ts';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferClientOptions } from './client-options.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const images = { contentImage: Buffer.from('content'), styleImage: Buffer.from('style') };

function clientOf({ url }: service.ScriptedService, options: StyleTransferClientOptions = {}) {
  return new StyleTransferClient({ baseUrl: url, ...options });
}

describe('submit', { concurrency: true }, () => {
  test('sends base64 images, only the parameters that were given, and the key', async () => {
    await using server = await service.startScriptedService({ submit: [service.accepted()] });
    const client = clientOf(server, { functionKey: 'secret' });
    const receipt = await client.submit({ ...images, influence: 0, additionalPrompt: 'warm', maxSide: 512 });
    assert.equal(receipt.job_id, jobId);
    const [request] = server.seen;
    assert.equal(request?.url, '/api/style-transfer');
    assert.equal(request?.headers['x-functions-key'], 'secret');
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      content_image: Buffer.from('content').toString('base64'),
      style_image: Buffer.from('style').toString('base64'),
      influence: 0,
      additional_prompt: 'warm',
      max_side: 512,
    });
  });

  test('respects a path in the base URL', async () => {
    await using server = await service.startScriptedService({ submit: [service.accepted()] });
    await new StyleTransferClient({ baseUrl: `${server.url}/painting/` }).submit(images);
    assert.equal(server.seen[0]?.url, '/painting/api/style-transfer');
  });

  test('refuses wrong parameters and images before anything is sent', async () => {
    await using server = await service.startScriptedService({ submit: [service.accepted()] });
    const client = clientOf(server);
    const knob = await service.errorOf(client.submit({ ...images, influence: 7, maxSide: 1.5 }));
    assert.equal(knob.code, 'invalid_argument');
    assert.match(knob.message, /influence, received 7\..*maxSide, received 1\.5\./);
    assert.match(
      (await service.errorOf(client.submit({ ...images, creativity: Number.NaN }))).message,
      /creativity/,
    );
    const empty = await service.errorOf(client.submit({ ...images, styleImage: new Uint8Array() }));
    assert.match(empty.message, /Expected an image for styleImage, received 0 bytes/);
    const large = new Uint8Array(limits.maxImageBytes + 1);
    assert.match(
      (await service.errorOf(client.submit({ ...images, contentImage: large }))).message,
      /at most 20971520/,
    );
    assert.equal(server.seen.length, 0);
  });

  test('a refusal keeps code, field problems and request id', async () => {
    const errors = [{ pointer: '/influence', code: 'out_of_range', detail: 'Expected 0 to 1.' }];
    const refused = service.problem(422, 'invalid_body', {}, { errors });
    await using server = await service.startScriptedService({ submit: [refused] });
    const error = await service.errorOf(clientOf(server).submit(images));
    assert.deepEqual([error.code, error.status, error.retryable], ['invalid_body', 422, false]);
    assert.equal(error.requestId, 'request-7');
    assert.deepEqual(error.problem?.errors, errors);
    assert.match(error.message, /^Title of invalid_body: Detail of invalid_body\.$/);
  });

  test('a 413 without a problem description says what came', async () => {
    const tooLarge: service.Answer = (response) => response.writeHead(413).end();
    await using server = await service.startScriptedService({ submit: [tooLarge] });
    const error = await service.errorOf(clientOf(server).submit(images));
    assert.deepEqual([error.code, error.status], ['http_error', 413]);
    assert.match(error.message, /status 413 and an empty body/);
  });

  test('a missing key is named', async () => {
    const locked: service.Answer = (response) => response.writeHead(401).end();
    await using server = await service.startScriptedService({ submit: [locked] });
    const error = await service.errorOf(clientOf(server).submit(images));
    assert.equal(error.code, 'unauthorized');
    assert.match(error.message, /function key is missing or wrong/);
  });

  test('is sent again after 429 and 503 with Retry-After', async () => {
    const busy = [
      service.problem(429, 'rate_limited', { 'retry-after': '0' }),
      service.problem(503, 'storage_unavailable', { 'retry-after': '0' }),
    ];
    await using server = await service.startScriptedService({ submit: [...busy, service.accepted()] });
    assert.equal((await clientOf(server).submit(images)).job_id, jobId);
    assert.equal(server.count('submit'), 3);
  });

  test('a 429 with Retry-After: 1 gets one call a second and not a burst', async () => {
    const busy = service.problem(429, 'rate_limited', { 'retry-after': '1' });
    await using server = await service.startScriptedService({ submit: [busy] });
    const error = await service.errorOf(clientOf(server, { retrySeconds: 1.5 }).submit(images));
    assert.deepEqual([error.code, error.retryable, error.retryAfterSeconds], ['rate_limited', true, 1]);
    assert.equal(server.count('submit'), 2);
  });

  test('is never sent again after a reset, a 500, or a 503 without Retry-After', async () => {
    const cases: [service.Answer, string][] = [
      [service.reset, 'submit_uncertain'],
      [service.truncated, 'submit_uncertain'],
      [service.problem(500, 'internal_error', { 'retry-after': '0' }), 'internal_error'],
      [service.problem(503, 'storage_unavailable'), 'storage_unavailable'],
    ];
    for (const [answer, code] of cases) {
      await using server = await service.startScriptedService({ submit: [answer, service.accepted()] });
      assert.equal((await service.errorOf(clientOf(server).submit(images))).code, code);
      assert.equal(server.count('submit'), 1);
    }
  });

  test('is never sent again after silence', async () => {
    await using server = await service.startScriptedService({ submit: [service.silence] });
    const error = await service.errorOf(clientOf(server, { requestTimeoutSeconds: 1 }).submit(images));
    assert.equal(error.code, 'submit_uncertain');
    assert.equal(server.count('submit'), 1);
  });

  test('is tried again where nothing was listening', async () => {
    const server = await service.startScriptedService({});
    await server[Symbol.asyncDispose]();
    const notices: string[] = [];
    const client = clientOf(server, { retrySeconds: 0.6, onRetry: ({ error }) => notices.push(error.code) });
    const error = await service.errorOf(client.submit(images));
    assert.equal(error.code, 'unreachable');
    assert.match(error.message, /^Cannot reach the service at http.*: the connection was refused\.$/);
    assert.ok(notices.length >= 1);
  });

  test('an accepted job keeps its id when the rest of the answer is lost or wrong', async () => {
    const location = `/api/status/${jobId}`;
    const cutOff: service.Answer = (response) => {
      response.writeHead(202, { location, 'content-length': 500 });
      response.write('{', () => response.destroy());
    };
    const notJson: service.Answer = (response) => response.writeHead(202, { location }).end('ok');
    const wrongShape = service.accepted({ created_at: 'yesterday' });
    for (const answer of [cutOff, notJson, wrongShape]) {
      await using server = await service.startScriptedService({ submit: [answer] });
      assert.equal((await service.errorOf(clientOf(server).submit(images))).jobId, jobId);
    }
  });

  test('another server is told apart from a broken one', async () => {
    await using server = await service.startScriptedService({ submit: [service.html] });
    const error = await service.errorOf(clientOf(server).submit(images));
    assert.equal(error.code, 'unexpected_answer');
    assert.match(
      error.message,
      /received text\/html \("<!doctype html>.*is this the address of the service\?$/,
    );
  });

  test('a redirect is named and not followed', async () => {
    const moved: service.Answer = (response) =>
      response.writeHead(301, { location: 'https://example.com/' }).end();
    await using server = await service.startScriptedService({ submit: [moved] });
    const error = await service.errorOf(clientOf(server, { functionKey: 'secret' }).submit(images));
    assert.match(error.message, /redirect to https:\/\/example\.com\//);
  });
});
