import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DeadLetterClient } from './dead-letter-client.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const message = `message-${'0a'.repeat(16)}`;
const noContent: service.Answer = (response) => response.writeHead(204).end();
const busy = service.problem(503, 'storage_unavailable', { 'retry-after': '0' });
const outcome = { skipped: [], next_cursor: null, more: false };

async function start(...answers: service.Answer[]) {
  const server = await service.startScriptedService({ 'dead-letters': answers });
  return { server, client: new DeadLetterClient({ baseUrl: server.url, functionKey: 'master' }) };
}

function sentTo({ seen }: service.ScriptedService): string[] {
  return seen.map(({ method, url, body }) => [method, url, body].join(' ').trim());
}

describe('DeadLetterClient', { concurrency: true }, () => {
  test('asks for what it was asked for, with the key', async () => {
    const { server, client } = await start(service.json(200, { items: [], next_cursor: 'c+/=' }));
    await using _server = server;
    assert.equal((await client.list()).next_cursor, 'c+/=');
    await client.list({ reason: 'model_failed', state: 'all', limit: 7, cursor: 'c+/=' });
    assert.deepEqual(sentTo(server), [
      'GET /api/dead-letters',
      'GET /api/dead-letters?reason=model_failed&state=all&limit=7&cursor=c%2B%2F%3D',
    ]);
    assert.equal(server.seen[0]?.headers['x-functions-key'], 'master');
  });

  test('replays one and many', async () => {
    const queued = service.json(202, service.statusView({ status: 'queued' }));
    const { server, client } = await start(queued, service.json(200, { replayed: 2, ...outcome }));
    await using _server = server;
    assert.equal((await client.replay(jobId)).status, 'queued');
    assert.deepEqual(await client.replayMany({ reason: 'model_failed', limit: 5 }), {
      replayed: 2,
      ...outcome,
    });
    assert.deepEqual(sentTo(server), [
      `POST /api/dead-letters/${jobId}/replay`,
      'POST /api/dead-letters/replay {"reason":"model_failed","limit":5}',
    ]);
  });

  test('purges one and many', async () => {
    const { server, client } = await start(noContent, service.json(200, { purged: 3, ...outcome }));
    await using _server = server;
    await client.purge(message);
    assert.equal((await client.purgeMany({ all: true, cursor: 'c' })).purged, 3);
    assert.deepEqual(sentTo(server), [
      `DELETE /api/dead-letters/${message}`,
      'DELETE /api/dead-letters?all=true&cursor=c',
    ]);
  });

  test('repeats a replay and a purge after 503, 500 and a reset: twice is as good as once', async () => {
    const queued = service.json(202, service.statusView({ status: 'queued' }));
    const replaying = await start(busy, service.reset, service.problem(500, 'internal_error'), queued);
    await using server = replaying.server;
    assert.equal((await replaying.client.replay(jobId)).status, 'queued');
    assert.equal(server.count('dead-letters'), 4);
    const purging = await start(service.reset, busy, noContent);
    await using other = purging.server;
    await purging.client.purge(jobId);
    assert.equal(other.count('dead-letters'), 3);
  });

  test('passes on why something cannot be done, at once', async () => {
    const { server, client } = await start(service.problem(409, 'not_replayable'));
    await using _server = server;
    const error = await service.errorOf(client.replay(jobId));
    assert.deepEqual([error.code, error.retryable, server.seen.length], ['not_replayable', false, 1]);
  });

  test('never calls a replay that may have been carried out a job that may have been accepted', async () => {
    const server = await service.startScriptedService({ 'dead-letters': [service.silence] });
    await using _server = server;
    const settings = { baseUrl: server.url, requestTimeoutSeconds: 0.2, retrySeconds: 0 };
    const error = await service.errorOf(new DeadLetterClient(settings).replay(jobId));
    assert.equal(error.code, 'request_timeout');
  });

  test('an id that is none never leaves the machine', async () => {
    const { server, client } = await start(noContent);
    await using _server = server;
    for (const id of ['', '..', 'replay', 'a/b', `${message}0`, `${jobId}?`]) {
      for (const call of [client.get(id), client.replay(id), client.purge(id)])
        assert.equal((await service.errorOf(call)).code, 'invalid_argument');
    }
    assert.equal(server.seen.length, 0);
  });
});
