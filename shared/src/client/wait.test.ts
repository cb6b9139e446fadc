import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BatchView } from '../batch-wire.ts';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferError } from './error.ts';
import { requireResult } from './require-result.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const soon = { pollSeconds: 0.1 };

function clientOf({ url }: service.ScriptedService) {
  return new StyleTransferClient({ baseUrl: url, requestTimeoutSeconds: 5 });
}

describe('wait', { concurrency: true }, () => {
  test('polls until the job is done and shows every view where there is no stream', async () => {
    for (const refused of [
      service.problem(404, 'not_found'),
      service.problem(429, 'too_many_streams', { 'retry-after': '5' }),
      service.problem(501, 'not_implemented'),
      service.html,
      service.reset,
    ]) {
      const status = [service.running, service.running, service.completed];
      await using server = await service.startScriptedService({ events: [refused], status });
      const shown: string[] = [];
      const onProgress = ({ status }: { status: string }) => shown.push(status);
      const view = await clientOf(server).wait(jobId, { ...soon, onProgress });
      assert.equal(view.status, 'completed');
      assert.deepEqual(shown, ['processing', 'processing', 'completed']);
      assert.deepEqual([server.count('events'), server.count('status')], [1, 3]);
    }
  });

  test('asks the service to hold the answer back, within the time of a request and of the wait', async () => {
    await using server = await service.startScriptedService({ status: [service.completed] });
    await new StyleTransferClient({ baseUrl: server.url }).wait(jobId);
    await new StyleTransferClient({ baseUrl: server.url, requestTimeoutSeconds: 20 }).wait(jobId);
    await new StyleTransferClient({ baseUrl: server.url }).wait(jobId, { timeoutSeconds: 7.9 });
    await new StyleTransferClient({ baseUrl: server.url }).wait(jobId, { timeoutSeconds: 0.9 });
    const asked = server.seen.map(({ url }) => new URL(url, server.url).searchParams.get('wait'));
    assert.deepEqual(asked, ['50', '15', '7', null]);
    assert.equal(server.count('events'), 0);
  });

  test('an answer that was held back is followed by the next question at once', async () => {
    const held: service.Answer = (response, request) => {
      setTimeout(
        () => service.json(200, service.statusView(), { 'retry-after': '60' })(response, request),
        1000,
      );
    };
    await using server = await service.startScriptedService({ status: [held, service.completed] });
    const client = new StyleTransferClient({ baseUrl: server.url, requestTimeoutSeconds: 1.4 });
    assert.equal((await client.wait(jobId, { timeoutSeconds: 30 })).status, 'completed');
  });

  test('a view that has not changed is not sent again, and still is the last one', async () => {
    const first = service.json(200, service.statusView(), { etag: '"a"' });
    const unchanged: service.Answer = (response) => response.writeHead(304, { etag: '"a"' }).end();
    await using server = await service.startScriptedService({ status: [first, unchanged] });
    const shown: string[] = [];
    const onProgress = ({ status }: { status: string }) => shown.push(status);
    const error = await service.errorOf(
      clientOf(server).wait(jobId, { ...soon, onProgress, timeoutSeconds: 1 }),
    );
    assert.deepEqual([error.code, error.job?.status, shown], ['wait_timeout', 'processing', ['processing']]);
    const tags = server.seen
      .filter(({ route }) => route === 'status')
      .map(({ headers }) => headers['if-none-match']);
    assert.deepEqual(tags.slice(0, 3), [undefined, '"a"', '"a"']);
  });

  test('Retry-After of an unfinished job sets the pace', async () => {
    const paced = service.json(200, service.statusView(), { 'retry-after': '1' });
    await using server = await service.startScriptedService({ status: [paced] });
    await assert.rejects(clientOf(server).wait(jobId, { ...soon, timeoutSeconds: 1.5 }), {
      code: 'wait_timeout',
    });
    assert.ok(server.count('status') <= 2);
  });

  test('Retry-After: 0 is no busy loop', async () => {
    const eager = service.json(200, service.statusView(), { 'retry-after': '0' });
    await using server = await service.startScriptedService({ status: [eager] });
    await assert.rejects(clientOf(server).wait(jobId, { timeoutSeconds: 0.5 }), { code: 'wait_timeout' });
    assert.ok(server.count('status') <= 6);
  });

  test('a failed, a canceled and an expired job are data to wait, and errors to requireResult', async () => {
    const script = { status: [service.failed, service.ended('canceled'), service.ended('expired')] };
    await using server = await service.startScriptedService(script);
    const codes: string[] = [];
    for (let job = 0; job < 3; job++) {
      const view = await clientOf(server).wait(jobId, soon);
      assert.throws(
        () => requireResult(view),
        (error: StyleTransferError) => codes.push(error.code) && error.jobId === jobId && error.job === view,
      );
    }
    assert.deepEqual(codes, ['job_failed', 'job_canceled', 'job_expired']);
  });

  test('the end of the time keeps the id and the last view', async () => {
    await using server = await service.startScriptedService({ status: [service.running] });
    await assert.rejects(
      clientOf(server).wait(jobId, { ...soon, timeoutSeconds: 1 }),
      (error: StyleTransferError) => {
        assert.deepEqual([error.code, error.jobId, error.retryable], ['wait_timeout', jobId, true]);
        assert.equal(error.job?.status, 'processing');
        return error.message.includes(jobId);
      },
    );
  });

  test('the time also ends a poll that gets no answer', async () => {
    await using server = await service.startScriptedService({ status: [service.silence] });
    const waiting = clientOf(server).wait(jobId, { ...soon, timeoutSeconds: 0.3 });
    await assert.rejects(waiting, { code: 'wait_timeout', jobId });
  });

  test("the caller's signal ends the wait and keeps the id", async () => {
    await using server = await service.startScriptedService({ status: [service.running] });
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    const waiting = clientOf(server).wait(jobId, { onProgress, signal: controller.signal });
    await assert.rejects(waiting, { code: 'aborted', jobId, cause: reason });
  });

  test('a service that is busy for longer than one request may retry is waited for', async () => {
    const busy = service.problem(429, 'rate_limited', { 'retry-after': '1' });
    await using server = await service.startScriptedService({ status: [busy, service.completed] });
    const client = new StyleTransferClient({ baseUrl: server.url, retrySeconds: 0 });
    assert.equal((await client.wait(jobId, soon)).status, 'completed');
    assert.equal(server.count('status'), 2);
  });

  test('a callback that throws ends the wait with the id', async () => {
    await using server = await service.startScriptedService({ status: [service.running] });
    const onProgress = () => {
      throw new TypeError('no such element');
    };
    await assert.rejects(clientOf(server).wait(jobId, { onProgress }), { code: 'callback_failed', jobId });
  });

  test('a batch is waited for until it says that it is done, whatever its state is called', async () => {
    const batch = [
      service.json(200, service.batchView()),
      service.json(200, service.endedBatch('abandoned')),
    ];
    await using server = await service.startScriptedService({ batch });
    const shown: string[] = [];
    const onProgress = ({ status }: { status: string }) => shown.push(status);
    const view = await clientOf(server).waitBatch(service.batchId, { ...soon, onProgress });
    assert.deepEqual([view.status, shown], ['abandoned', ['processing', 'abandoned']]);
    assert.match(server.seen[0]?.url ?? '', /\?include=none&wait=\d+$/);
  });

  test('the jobs of a batch are fetched once, when it is done', async () => {
    const answer: service.Answer = (response, request) => {
      const view = server.count('batch') > 1 ? service.endedBatch('completed') : service.batchView();
      const told = request.url.includes('include=none') ? { ...view, jobs: [] } : view;
      service.json(200, told)(response, request);
    };
    await using server = await service.startScriptedService({ batch: [answer] });
    const shown: unknown[] = [];
    const onProgress = ({ done, jobs }: BatchView) => shown.push([done, jobs.length]);
    const view = await clientOf(server).waitBatch(service.batchId, { ...soon, onProgress });
    assert.deepEqual(
      [view.jobs.length, shown],
      [
        1,
        [
          [false, 0],
          [true, 1],
        ],
      ],
    );
    assert.deepEqual(
      server.seen.map(({ url }) => new URL(url, server.url).searchParams.get('include')),
      ['none', 'none', null],
    );
  });

  test('the end of the time for a batch keeps its id', async () => {
    await using server = await service.startScriptedService({
      batch: [service.json(200, service.batchView())],
    });
    const error = await service.errorOf(
      clientOf(server).waitBatch(service.batchId, { ...soon, timeoutSeconds: 0.5 }),
    );
    assert.deepEqual([error.code, error.batchId, error.jobId], ['wait_timeout', service.batchId, undefined]);
  });
});
