import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferError } from './error.ts';
import * as service from './scripted-service.ts';
import { requireResult } from './wait.ts';

const { jobId } = service;
const soon = { pollSeconds: 0.1 };

function clientOf({ url }: service.ScriptedService) {
  return new StyleTransferClient({ baseUrl: url, requestTimeoutSeconds: 5 });
}

describe('wait', { concurrency: true }, () => {
  test('polls until the job is done and shows every view', async () => {
    const script = { status: [service.running, service.running, service.completed] };
    await using server = await service.startScriptedService(script);
    const shown: string[] = [];
    const view = await clientOf(server).wait(jobId, {
      ...soon,
      onProgress: ({ status }) => shown.push(status),
    });
    assert.equal(view.status, 'completed');
    assert.deepEqual(shown, ['processing', 'processing', 'completed']);
    assert.equal(server.count('status'), 3);
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

  test('a final status that nobody knows ends the wait at once', async () => {
    await using server = await service.startScriptedService({ status: [service.ended('aborted')] });
    const view = await clientOf(server).wait(jobId, soon);
    assert.equal(view.status, 'aborted');
    assert.equal(server.count('status'), 1);
    assert.throws(() => requireResult(view), { code: 'job_ended', jobId });
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
});
