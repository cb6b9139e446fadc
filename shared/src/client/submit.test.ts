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

  test('asks the service to wait, for no longer than the request may take', async () => {
    const done = service.json(200, { ...service.acceptedView(), done: true });
    await using server = await service.startScriptedService({ submit: [done] });
    assert.equal((await clientOf(server).submit(images, { waitSeconds: 20 })).done, true);
    await clientOf(server, { requestTimeoutSeconds: 8 }).submit(images, { waitSeconds: 20 });
    await clientOf(server).submit(images, { waitSeconds: 500 });
    await clientOf(server).submit(images);
    const preferences = server.seen.map(({ headers }) => headers.prefer);
    assert.deepEqual(preferences, ['wait=20', 'wait=6', 'wait=60', undefined]);
    const error = await service.errorOf(clientOf(server).submit(images, { waitSeconds: -1 }));
    assert.equal(error.code, 'invalid_argument');
  });

  test('sends what is to be done with the job, and names in the callers words what is wrong', async () => {
    await using server = await service.startScriptedService({ submit: [service.accepted()] });
    const client = clientOf(server);
    const metadata = { 'album.name': 'Übersee' };
    const handling = {
      webhookUrl: 'https://example.com/hook',
      webhookEvents: ['job.completed'],
      retentionHours: 2,
    } as const;
    await client.submit({ ...images, metadata, ...handling, noCache: true });
    const { content_image: _c, style_image: _s, ...sent } = JSON.parse(server.seen[0]?.body ?? '');
    assert.deepEqual(sent, {
      metadata,
      webhook_url: 'https://example.com/hook',
      webhook_events: ['job.completed'],
      retention_hours: 2,
      no_cache: true,
    });
    const wrong = { retentionHours: 0.5, metadata: { 'no spaces': 'x', long: 'y'.repeat(257) } };
    const { code, message } = await service.errorOf(client.submit({ ...images, ...wrong }));
    assert.equal(code, 'invalid_argument');
    assert.match(message, /for retentionHours, received 0\.5\./);
    assert.match(message, /Expected a name of letters, .* for metadata\.no spaces, received "no spaces"\./);
    assert.match(message, /for metadata\.long, received 257 characters\./);
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
