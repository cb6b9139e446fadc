import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StyleTransferClient } from './client.ts';
import { settingsFrom } from './client-options.ts';
import { followJob } from './follow-job.ts';
import * as service from './scripted-service.ts';

const { jobId, frame, statusView, completedView } = service;
const begun = frame(statusView({ progress: 0.1 }), '1');
const onward = frame(statusView({ progress: 0.6 }), '2');
const finished = frame(completedView(), '3');

/** Waits with progress, and tells what was shown. */
async function watch(server: service.ScriptedService, timeoutSeconds = 30) {
  const shown: number[] = [];
  const client = new StyleTransferClient({ baseUrl: server.url, requestTimeoutSeconds: 5 });
  const onProgress = ({ progress }: { progress: number }) => shown.push(progress);
  const waiting = client.wait(jobId, { onProgress, timeoutSeconds, pollSeconds: 0.1 });
  return { shown, waiting };
}

describe('waiting with progress', { concurrency: true }, () => {
  test('follows the stream to its last event, and asks for nothing else', async () => {
    const stream = service.events([': hello\n\n', begun, ': ping\n\n', onward, finished], 'nothing');
    await using server = await service.startScriptedService({ events: [stream] });
    const { shown, waiting } = await watch(server);
    assert.equal((await waiting).status, 'completed');
    assert.deepEqual(shown, [0.1, 0.6, 1]);
    assert.deepEqual(
      server.seen.map(({ url, headers }) => [url, headers.accept]),
      [[`/api/status/${jobId}/events`, 'text/event-stream']],
    );
  });

  test('reads events however they are cut, with names and fields that it does not know', async () => {
    const foreign = 'event: weather\ndata: sunny\n\n';
    const text = `retry: 500\n${foreign}${frame(completedView(), 'ö')}`;
    const bytes = Buffer.from(text);
    const slowly: service.Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      for (let at = 0; at < bytes.length; at += 97) {
        response.write(bytes.subarray(at, at + 97));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await using server = await service.startScriptedService({ events: [slowly] });
    const { shown, waiting } = await watch(server);
    await waiting;
    assert.deepEqual(shown, [1]);
  });

  test('goes on after the service closed the stream or a connection broke, and says where it was', async () => {
    const events = [
      service.events(['retry: 500\n\n', begun]),
      service.events([onward], 'reset'),
      service.events([finished]),
    ];
    await using server = await service.startScriptedService({ events });
    const { shown, waiting } = await watch(server);
    assert.equal((await waiting).status, 'completed');
    assert.deepEqual(shown, [0.1, 0.6, 1]);
    const resumed = server.seen.map(({ headers }) => headers['last-event-id']);
    assert.deepEqual(resumed, [undefined, '1', '2']);
  });

  test('a stream that keeps breaking is given up for the status', async () => {
    const events = [service.events(['retry: 500\n\n', begun], 'reset')];
    await using server = await service.startScriptedService({ events, status: [service.completed] });
    const { waiting } = await watch(server);
    assert.equal((await waiting).status, 'completed');
    assert.deepEqual([server.count('events'), server.count('status')], [3, 1]);
  });

  test('a connection without news, in the place of another, is no reason to give up', async () => {
    const events = [
      service.events(['retry: 500\n\n', begun]),
      service.events([]),
      service.events([finished]),
    ];
    await using server = await service.startScriptedService({ events });
    const { shown, waiting } = await watch(server);
    await waiting;
    assert.deepEqual([shown, server.count('status')], [[0.1, 1], 0]);
    assert.equal(server.seen.at(-1)?.headers['last-event-id'], '1');
  });

  test('a job that is removed meanwhile is told by the status', async () => {
    const gone = 'event: gone\ndata: {"code":"job_gone"}\n\n';
    const events = [service.events(['retry: 500\n\n', begun, gone]), service.problem(410, 'job_gone')];
    const status = [service.problem(410, 'job_gone', {}, { retryable: false })];
    await using server = await service.startScriptedService({ events, status });
    const { waiting } = await watch(server);
    const error = await service.errorOf(waiting);
    assert.deepEqual([error.code, error.jobId], ['job_gone', jobId]);
  });

  test('a stream that tells nothing, or nothing that can be understood, is given up at once', async () => {
    const streams = [
      service.events([]),
      service.events(['event: status\ndata: {"job_id":\n\n'], 'nothing'),
      service.events(['event: status\ndata: {"status":"completed","done":true}\n\n'], 'nothing'),
    ];
    for (const stream of streams) {
      await using server = await service.startScriptedService({
        events: [stream],
        status: [service.completed],
      });
      const { shown, waiting } = await watch(server);
      await waiting;
      assert.deepEqual([shown, server.count('events'), server.count('status')], [[1], 1, 1]);
    }
  });

  test('a stream without a sign of life is given up; comments are signs of life', async () => {
    const silent = service.events([begun], 'nothing');
    const alive: service.Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const ping = setInterval(() => response.write(': ping\n\n'), 100);
      setTimeout(() => response.write(finished), 1500);
      response.on('close', () => clearInterval(ping));
    };
    await using server = await service.startScriptedService({ events: [silent, alive] });
    const settings = settingsFrom({ baseUrl: server.url });
    const { signal } = new AbortController();
    const see = () => {};
    assert.equal(await followJob(settings, jobId, signal, see, 0.5), undefined);
    assert.equal((await followJob(settings, jobId, signal, see, 0.8))?.status, 'completed');
  });

  test('the end of the time before the stream begins can be caught as well', async () => {
    await using server = await service.startScriptedService({ events: [service.silence] });
    const { waiting } = await watch(server, 0.3);
    assert.equal((await service.errorOf(waiting)).code, 'wait_timeout');
  });

  test("the caller's signal and a callback that throws end the wait, and close the connection", async () => {
    const controller = new AbortController();
    const closed: Promise<void>[] = [];
    const stream: service.Answer = (response, request) => {
      closed.push(new Promise((resolve) => response.on('close', resolve)));
      service.events([begun], 'nothing')(response, request);
    };
    await using server = await service.startScriptedService({ events: [stream] });
    const client = new StyleTransferClient({ baseUrl: server.url });
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    const aborted = await service.errorOf(client.wait(jobId, { onProgress, signal: controller.signal }));
    assert.deepEqual([aborted.code, aborted.jobId, aborted.cause], ['aborted', jobId, reason]);
    const broken = () => {
      throw new TypeError('no such element');
    };
    const failed = await service.errorOf(client.wait(jobId, { onProgress: broken }));
    assert.deepEqual([failed.code, failed.jobId], ['callback_failed', jobId]);
    await Promise.all(closed);
    assert.equal(closed.length, 2);
  });
});
