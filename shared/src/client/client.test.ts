import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferClientOptions } from './client-options.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;

function clientOf({ url }: service.ScriptedService, options: StyleTransferClientOptions = {}) {
  return new StyleTransferClient({ baseUrl: url, ...options });
}

describe('status and result', { concurrency: true }, () => {
  test('status leaves the picture out and lets unknown fields and statuses through', async () => {
    const view = service.statusView({ status: 'dreaming', phase: 'rem', queue_position: 3 });
    await using server = await service.startScriptedService({ status: [service.json(200, view)] });
    assert.equal((await clientOf(server).status(jobId)).status, 'dreaming');
    assert.equal(server.seen[0]?.url, `/api/status/${jobId}?include=none`);
  });

  test('reads are repeated after 503, 500, a reset and half a body', async () => {
    const bad = [service.problem(503, 'storage_unavailable', { 'retry-after': '0' }), service.reset];
    await using server = await service.startScriptedService({
      status: [...bad, service.running],
      result: [service.truncated, service.problem(500, 'internal_error'), service.picture],
    });
    const client = clientOf(server);
    const [view, image] = await Promise.all([client.status(jobId), client.result(jobId)]);
    assert.equal(view.status, 'processing');
    assert.deepEqual(
      [Buffer.from(image.bytes), image.contentType],
      [Buffer.from(service.resultBytes), 'image/png'],
    );
    assert.deepEqual([server.count('status'), server.count('result')], [3, 3]);
  });

  test('what cannot get better is asked once', async () => {
    const lasting = service.problem(500, 'broken_for_good', {}, { retryable: false });
    await using server = await service.startScriptedService({
      status: [service.problem(404, 'job_not_found')],
      result: [service.problem(409, 'not_completed'), lasting],
    });
    const client = clientOf(server);
    const errors = [
      await service.errorOf(client.status(jobId)),
      await service.errorOf(client.result(jobId)),
      await service.errorOf(client.result(jobId)),
    ];
    assert.deepEqual(
      errors.map((error) => [error.code, error.jobId]),
      [
        ['job_not_found', jobId],
        ['not_completed', jobId],
        ['broken_for_good', jobId],
      ],
    );
    assert.equal(server.seen.length, 3);
  });

  test('a result that is no image is refused', async () => {
    await using server = await service.startScriptedService({ result: [service.html] });
    const error = await service.errorOf(clientOf(server).result(jobId));
    assert.deepEqual([error.code, error.jobId], ['unexpected_answer', jobId]);
    assert.match(error.message, /Expected an image from GET .*text\/html/);
  });

  test('a status of another shape names the field', async () => {
    await using server = await service.startScriptedService({
      status: [service.json(200, { job_id: jobId })],
    });
    assert.match((await service.errorOf(clientOf(server).status(jobId))).message, /"status" is wrong/);
  });

  test('an id that is no UUID never leaves the machine', async () => {
    await using server = await service.startScriptedService({});
    const client = clientOf(server);
    for (const id of ['', '..', 'a/b', '42'])
      assert.equal((await service.errorOf(client.status(id))).code, 'invalid_argument');
    assert.equal(server.seen.length, 0);
  });
});

test('base URLs and keys that cannot work are refused without repeating them', () => {
  for (const baseUrl of ['', 'localhost:7071', 'ftp://host', 'http://me:secret@host', 'http://host/?a=1']) {
    assert.throws(() => new StyleTransferClient({ baseUrl }), { code: 'invalid_argument' });
  }
  const withKey = () => new StyleTransferClient({ functionKey: 'secret\nkey' });
  assert.throws(withKey, (error: Error) => !error.message.includes('secret'));
});
