import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limitsView } from '../limits-wire.ts';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferClientOptions } from './client-options.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;

function clientOf({ url }: service.ScriptedService, options: StyleTransferClientOptions = {}) {
  return new StyleTransferClient({ baseUrl: url, ...options });
}

function asked(server: service.ScriptedService): string[] {
  return server.seen.map(({ method, url }) => `${method} ${url}`);
}

describe('cancel and delete', { concurrency: true }, () => {
  test('cancel is repeated like a read, and resolves with the job as it is then', async () => {
    const canceling = service.json(200, service.statusView({ phase: 'canceling' }));
    await using server = await service.startScriptedService({ cancel: [service.reset, canceling] });
    assert.equal((await clientOf(server).cancel(jobId)).phase, 'canceling');
    assert.deepEqual(asked(server), Array(2).fill(`POST /api/cancel/${jobId}`));
  });

  test('delete is content with a job that is gone, and with no other answer', async () => {
    const gone = service.problem(
      410,
      'job_gone',
      {},
      { gone_at: '2030-01-01T00:00:00.000Z', retryable: false },
    );
    const deleted: service.Answer = (response) => response.writeHead(204).end();
    await using server = await service.startScriptedService({
      jobs: [deleted, service.reset, gone, service.problem(404, 'job_not_found')],
    });
    const client = clientOf(server);
    await client.delete(jobId);
    await client.delete(jobId);
    const error = await service.errorOf(client.delete(jobId));
    assert.deepEqual([error.code, error.jobId], ['job_not_found', jobId]);
    assert.deepEqual(asked(server), Array(4).fill(`DELETE /api/jobs/${jobId}`));
  });
});

describe('list', { concurrency: true }, () => {
  const page = (jobs: object[], next: string | null) => service.json(200, { jobs, next_cursor: next });

  test('asks for exactly what is given', async () => {
    await using server = await service.startScriptedService({ jobs: [page([service.statusView()], null)] });
    const tags = { album: 'summer & sea', 'a.b': 'x:y' };
    const { jobs } = await clientOf(server).list({
      status: ['completed', 'failed'],
      tags,
      batchId: jobId,
      limit: 5,
    });
    assert.equal(jobs[0]?.job_id, jobId);
    const { searchParams } = new URL(server.seen[0]?.url ?? '', server.url);
    assert.deepEqual(
      [...searchParams],
      [
        ['status', 'completed'],
        ['status', 'failed'],
        ['tag', 'album:summer & sea'],
        ['tag', 'a.b:x:y'],
        ['batch_id', jobId],
        ['limit', '5'],
      ],
    );
  });

  test('listAll goes over all pages, empty ones too, and no further than it is read', async () => {
    const job = service.statusView();
    const pages = [page([job, job], 'a'), page([], 'b'), page([job], 'c'), page([job], null)];
    await using server = await service.startScriptedService({ jobs: pages });
    let seen = 0;
    for await (const { status } of clientOf(server).listAll({ model: 'impasto-v1' })) {
      assert.equal(status, 'processing');
      if (++seen === 3) break;
    }
    const cursors = server.seen.map(({ url }) => new URL(url, server.url).searchParams.get('cursor'));
    assert.deepEqual(cursors, [null, 'a', 'b']);
  });

  test('a result format and a wait that a newer service has are read', async () => {
    const { result, ...done } = service.completedView();
    const newer = { ...done, result: { ...result, format: 'jxl' } };
    const basis = { job_seconds: 'foretold', cold_start: 'frozen', observed_jobs: 1 };
    const waiting = service.statusView({ wait: service.waitView({ reason: 'quota', basis }) });
    await using server = await service.startScriptedService({ jobs: [page([newer, waiting], null)] });
    const { jobs } = await clientOf(server).list();
    assert.deepEqual([jobs[0]?.result?.format, jobs[1]?.wait?.reason], ['jxl', 'quota']);
  });
});

describe('deliveries and limits', { concurrency: true }, () => {
  test('deliveries are listed, and sent anew by their name', async () => {
    const list = service.json(200, { job_id: jobId, deliveries: [service.deliveryView()] });
    const again = service.json(202, service.deliveryView());
    await using server = await service.startScriptedService({ deliveries: [list, again] });
    const client = clientOf(server);
    const [delivery] = (await client.deliveries(jobId)).deliveries;
    assert.equal((await client.redeliver(jobId, delivery?.delivery_id ?? '')).state, 'pending');
    assert.deepEqual(asked(server), [
      `GET /api/jobs/${jobId}/deliveries`,
      `POST /api/jobs/${jobId}/deliveries/job.completed.0/redeliver`,
    ]);
    for (const id of ['', '..', 'a/b', '.hidden']) {
      assert.equal((await service.errorOf(client.redeliver(jobId, id))).code, 'invalid_argument');
    }
  });

  test('limits tell what may be asked for', async () => {
    const view = limitsView({
      max_queued: 7,
      models: [{ name: 'm', version: null }],
      webhooks_enabled: false,
    });
    await using server = await service.startScriptedService({ limits: [service.json(200, view)] });
    const limits = await clientOf(server).limits();
    assert.deepEqual([limits.max_queued, limits.max_wait_seconds, limits.webhooks_enabled], [7, 60, false]);
  });
});
