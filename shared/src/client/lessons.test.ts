// What goes wrong in other clients of such services, one by one, over real sockets.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StyleTransferClient } from './client.ts';
import { requireResult } from './require-result.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const images = { contentImage: Buffer.from('content'), styleImage: Buffer.from('style') };
const soon = { pollSeconds: 0.1 };

/** Answers as it is told, and keeps the times of the calls in seconds. */
function timed(answer: service.Answer) {
  const times: number[] = [];
  const noted: service.Answer = (response, request) => {
    times.push(performance.now() / 1000);
    answer(response, request);
  };
  return { times, noted };
}

describe('lessons from other clients', { concurrency: true }, () => {
  test('a 429 with Retry-After: 3 means one call in three seconds, of a submission and of a read', async () => {
    const busy = service.problem(429, 'rate_limited', { 'retry-after': '3' });
    const [submit, status] = [timed(busy), timed(busy)];
    await using server = await service.startScriptedService({
      submit: [submit.noted],
      status: [status.noted],
    });
    const client = new StyleTransferClient({ baseUrl: server.url, retrySeconds: 4 });
    const [refused] = await Promise.all([
      service.errorOf(client.submit(images)),
      service.errorOf(client.status(jobId)),
    ]);
    assert.deepEqual([refused.code, refused.retryAfterSeconds], ['rate_limited', 3]);
    for (const { times } of [submit, status]) {
      assert.equal(times.length, 2);
      assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 2.99, String(times));
    }
  });

  test('waiting keeps to Retry-After: 3 as well', async () => {
    const busy = timed(service.problem(429, 'rate_limited', { 'retry-after': '3' }));
    await using server = await service.startScriptedService({ status: [busy.noted] });
    const client = new StyleTransferClient({ baseUrl: server.url, retrySeconds: 1 });
    const waiting = client.wait(jobId, { ...soon, timeoutSeconds: 2.5 });
    assert.equal((await service.errorOf(waiting)).code, 'wait_timeout');
    assert.equal(busy.times.length, 1);
  });

  test('a final state that the client does not know ends the wait, by poll and by stream', async () => {
    const aborted = service.statusView({ status: 'aborted', done: true });
    const stream = service.events([service.frame(aborted)], 'nothing');
    await using server = await service.startScriptedService({
      status: [service.json(200, aborted)],
      events: [stream],
    });
    const client = new StyleTransferClient({ baseUrl: server.url });
    const views = [await client.wait(jobId), await client.wait(jobId, { onProgress: () => {} })];
    for (const view of views) assert.throws(() => requireResult(view), { code: 'job_ended', jobId });
    assert.deepEqual([server.count('status'), server.count('events')], [1, 1]);
  });

  test('a stream that falls silent ends in an error that can be caught, and nowhere else', async () => {
    const stray: unknown[] = [];
    const note = (error: unknown) => stray.push(error);
    process.on('uncaughtExceptionMonitor', note);
    const stream = service.events([service.frame(service.statusView({ progress: 0.1 }))], 'nothing');
    await using server = await service.startScriptedService({ events: [stream] });
    const client = new StyleTransferClient({ baseUrl: server.url });
    const error = await service.errorOf(client.wait(jobId, { onProgress: () => {}, timeoutSeconds: 0.5 }));
    process.off('uncaughtExceptionMonitor', note);
    assert.deepEqual([error.code, error.jobId, error.job?.progress], ['wait_timeout', jobId, 0.1]);
    assert.deepEqual(stray, []);
  });

  test('a submission that was waited for in vain is a job and no error, and the wait goes on from there', async () => {
    await using server = await service.startScriptedService({
      submit: [service.accepted({}, { 'preference-applied': 'wait=1' })],
      status: [service.running, service.completed],
    });
    const client = new StyleTransferClient({ baseUrl: server.url });
    const receipt = await client.submit(images, { waitSeconds: 1 });
    assert.deepEqual([receipt.done, receipt.job_id], [false, jobId]);
    assert.equal((await client.wait(receipt.job_id, soon)).done, true);
  });

  test('whose patience ends has the id, and gets the finished result with it later', async () => {
    const answers = { status: [service.running, service.completed], result: [service.picture] };
    await using server = await service.startScriptedService(answers);
    const client = new StyleTransferClient({ baseUrl: server.url });
    const error = await service.errorOf(client.wait(jobId, { pollSeconds: 9, timeoutSeconds: 0.5 }));
    assert.deepEqual([error.code, error.jobId, error.retryable], ['wait_timeout', jobId, true]);
    const view = await client.wait(error.jobId ?? '', soon);
    assert.equal((await client.result(requireResult(view).job_id)).contentType, 'image/png');
  });

  test('a job that had ended is no error to whoever cancels it', async () => {
    await using server = await service.startScriptedService({ cancel: [service.completed] });
    const view = await new StyleTransferClient({ baseUrl: server.url }).cancel(jobId);
    assert.equal(requireResult(view).status, 'completed');
  });

  test('whether a batch is done is read, and not reckoned from its counts', async () => {
    const counts = { total: 1, queued: 0, processing: 0, completed: 1, failed: 0, canceled: 0, expired: 0 };
    const notYet = service.json(200, service.batchView({ counts }));
    const done = service.json(200, service.batchView({ done: true, status: 'archived' }));
    await using server = await service.startScriptedService({ batch: [notYet, done] });
    const view = await new StyleTransferClient({ baseUrl: server.url }).waitBatch(service.batchId, soon);
    assert.deepEqual([view.status, server.count('batch')], ['archived', 2]);
  });
});
