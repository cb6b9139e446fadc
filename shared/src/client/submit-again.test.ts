import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferClientOptions } from './client-options.ts';
import * as service from './scripted-service.ts';
import type { SubmitOptions } from './submit.ts';

const { jobId } = service;
const images = { contentImage: Buffer.from('content'), styleImage: Buffer.from('style') };

function clientOf({ url }: service.ScriptedService, options: StyleTransferClientOptions = {}) {
  return new StyleTransferClient({ baseUrl: url, ...options });
}

describe('a submission without an answer', { concurrency: true }, () => {
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

  test('is sent again under the same key after a broken connection, a 5xx, and a key in flight', async () => {
    const failures = [
      service.reset,
      service.truncated,
      service.problem(500, 'internal_error'),
      service.problem(503, 'storage_unavailable'),
      service.problem(409, 'idempotency_in_flight', { 'retry-after': '1' }, { retryable: true }),
    ];
    const again = service.accepted({}, { 'idempotency-replayed': 'true' });
    const submitAfter = async (failure: service.Answer) => {
      await using server = await service.startScriptedService({ submit: [failure, again] });
      const receipt = await clientOf(server).submit(images);
      assert.deepEqual([receipt.job_id, receipt.replayed], [jobId, true]);
      const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
      assert.deepEqual(keys, [receipt.idempotency_key, receipt.idempotency_key]);
      assert.equal(server.seen[0]?.body, server.seen[1]?.body);
    };
    await Promise.all(failures.map(submitAfter));
  });

  test('is sent again after silence', async () => {
    await using server = await service.startScriptedService({
      submit: [service.silence, service.accepted()],
    });
    const receipt = await clientOf(server, { requestTimeoutSeconds: 1 }).submit(images);
    assert.deepEqual([receipt.job_id, receipt.replayed, server.count('submit')], [jobId, false, 2]);
  });

  test('two submissions have two keys, and a key that is given is used', async () => {
    await using server = await service.startScriptedService({ submit: [service.accepted()] });
    const client = clientOf(server);
    const keys = [await client.submit(images), await client.submit(images)].map(
      (sent) => sent.idempotency_key,
    );
    const mine = await client.submit(images, { idempotencyKey: 'order-17' });
    assert.equal(new Set([...keys, mine.idempotency_key]).size, 3);
    assert.equal(server.seen[2]?.headers['idempotency-key'], 'order-17');
    for (const idempotencyKey of ['', 'two words', 'naïve', 'k'.repeat(256)]) {
      const error = await service.errorOf(client.submit(images, { idempotencyKey }));
      assert.deepEqual([error.code, /for idempotencyKey/.test(error.message)], ['invalid_argument', true]);
    }
    assert.equal(server.count('submit'), 3);
  });

  test('what stays unclear names the key with which it can be sent again', async () => {
    const failOf = async (submit: readonly service.Answer[], options: SubmitOptions = {}) => {
      await using server = await service.startScriptedService({ submit });
      const error = await service.errorOf(clientOf(server, { retrySeconds: 0.6 }).submit(images, options));
      assert.equal(error.code, 'submit_uncertain');
      assert.equal(error.idempotencyKey, server.seen[0]?.headers['idempotency-key']);
      assert.ok(error.message.includes(`${error.idempotencyKey}`), error.message);
      assert.ok(server.count('submit') >= 2);
      return error;
    };
    const errors = await Promise.all([
      failOf([service.reset]),
      failOf([service.reset, service.problem(503, 'storage_unavailable')]),
      failOf([service.reset], { idempotencyKey: 'order-17' }),
    ]);
    // Whoever has not chosen the key would make a new job by calling again.
    assert.deepEqual(
      errors.map(({ retryable }) => retryable),
      [false, false, true],
    );
  });

  test('a refusal after a broken connection settles that there is no job', async () => {
    const refused = service.problem(422, 'idempotency_key_reused', {}, { retryable: false });
    await using server = await service.startScriptedService({ submit: [service.reset, refused] });
    const error = await service.errorOf(clientOf(server).submit(images));
    assert.deepEqual([error.code, error.idempotencyKey === undefined], ['idempotency_key_reused', false]);
  });

  test('an interruption carries the key', async () => {
    await using server = await service.startScriptedService({ submit: [service.silence] });
    const options = { signal: AbortSignal.timeout(100), idempotencyKey: 'order-17' };
    const error = await service.errorOf(clientOf(server).submit(images, options));
    assert.deepEqual([error.code, error.idempotencyKey], ['aborted', 'order-17']);
    assert.match(error.message, /may have been accepted/);
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
      const client = clientOf(server, { retrySeconds: 0 });
      assert.equal((await service.errorOf(client.submit(images))).jobId, jobId);
    }
  });

  test('the id that one answer began to tell is kept when the next ones tell nothing', async () => {
    const begun: service.Answer = (response) => {
      response.writeHead(202, { location: `/api/status/${jobId}`, 'content-length': 500 });
      response.write('{', () => response.destroy());
    };
    const last = [service.reset, service.problem(503, 'storage_unavailable')];
    const failAfter = async (answer: service.Answer) => {
      await using server = await service.startScriptedService({ submit: [begun, answer] });
      return await service.errorOf(clientOf(server, { retrySeconds: 0.6 }).submit(images));
    };
    for (const error of await Promise.all(last.map(failAfter))) {
      assert.deepEqual([error.code, error.jobId], ['submit_uncertain', jobId]);
    }
  });
});
