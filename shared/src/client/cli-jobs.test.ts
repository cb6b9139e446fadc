// The commands that look after jobs, as processes of their own.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { limitsView } from '../limits-wire.ts';
import { leadTo, outcomeOf, startCli } from './scripted-cli.ts';
import * as service from './scripted-service.ts';

const { jobId, batchId } = service;
const removed: service.Answer = (response) => response.writeHead(204).end();
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-cli-jobs-'));
  await Promise.all(['a.jpg', 'b.jpg'].map((name) => writeFile(join(folder, name), name)));
});
after(() => rm(folder, { recursive: true }));

function start(server: service.ScriptedService, args: readonly string[]) {
  return startCli(leadTo(server, args), folder);
}

function impasto(server: service.ScriptedService, ...args: string[]) {
  return outcomeOf(start(server, args));
}

describe('impasto, after a job was sent', { concurrency: 2 }, () => {
  test('submit sends notes, webhook, retention, key and patience', async () => {
    await using server = await service.startScriptedService({ submit: [service.accepted()] });
    const handling = [
      '--metadata',
      'album=a=b',
      '--metadata',
      'n=1',
      '--webhook-url',
      'https://example.com/',
    ];
    const events = ['--webhook-event', 'job.failed', '--webhook-event', 'job.completed'];
    const sending = ['--retention-hours', '2', '--no-cache', '--idempotency-key', 'k', '--wait', '5'];
    const { code, stderr } = await impasto(
      server,
      'submit',
      'a.jpg',
      'b.jpg',
      ...handling,
      ...events,
      ...sending,
    );
    assert.equal(code, 0, stderr);
    const { body = '', headers } = server.seen[0] ?? {};
    const { content_image: _content, style_image: _style, ...sent } = JSON.parse(body);
    assert.deepEqual(sent, {
      metadata: { album: 'a=b', n: '1' },
      webhook_url: 'https://example.com/',
      webhook_events: ['job.failed', 'job.completed'],
      retention_hours: 2,
      no_cache: true,
    });
    assert.deepEqual([headers?.['idempotency-key'], headers?.prefer], ['k', 'wait=5']);
    const wrong = [
      ['--metadata', 'album'],
      ['--webhook-event', 'job.eaten'],
      ['--idempotency-key', 'a b'],
    ];
    for (const args of wrong) {
      assert.equal((await impasto(server, 'submit', 'a.jpg', 'b.jpg', ...args)).code, 2, args.join(' '));
    }
    assert.equal(server.seen.length, 1);
  });

  test('a submission of which nobody knows what became tells how to send it again', async () => {
    await using server = await service.startScriptedService({ submit: [service.reset] });
    const { code, stderr } = await impasto(server, 'submit', 'a.jpg', 'b.jpg');
    const key = String(server.seen[0]?.headers['idempotency-key']);
    assert.equal(code, 3);
    assert.ok(stderr.includes(`\nSent again with --idempotency-key ${key}, it is not done twice.\n`), stderr);
  });

  test('cancel prints the job, and delete asks before it removes one', async () => {
    await using server = await service.startScriptedService({
      cancel: [service.ended('canceled')],
      jobs: [removed],
    });
    const canceled = await impasto(server, 'cancel', jobId);
    assert.ok(canceled.stdout.startsWith(`${jobId} canceled\n`));
    const refused = await impasto(server, 'delete', jobId);
    assert.deepEqual([refused.code, server.count('jobs')], [2, 0]);
    const deleted = await impasto(server, 'delete', jobId, '--yes', '--json');
    assert.deepEqual(JSON.parse(deleted.stdout), { job_id: jobId, removed: true });
    assert.equal(server.seen.at(-1)?.method, 'DELETE');
  });

  test('Ctrl-C during a wait says how to cancel', async () => {
    const stream = service.events([service.frame(service.statusView())], 'nothing');
    await using server = await service.startScriptedService({ events: [stream] });
    const child = start(server, ['wait', jobId]);
    const outcome = outcomeOf(child);
    child.stderr.on('data', (chunk) => String(chunk).includes('stylizing') && child.kill('SIGINT'));
    const { code, stderr } = await outcome;
    assert.equal(code, 130);
    assert.ok(stderr.includes(`\nor cancel it with: impasto --url ${server.url} cancel ${jobId}\n`), stderr);
  });

  test('list prints as many as are wanted, over as many pages as it takes', async () => {
    const page = (jobs: object[], next: string | null) => service.json(200, { jobs, next_cursor: next });
    const jobs = [page([service.statusView()], 'a'), page([service.completedView()], 'b')];
    await using server = await service.startScriptedService({ jobs });
    const args = [
      '--limit',
      '2',
      '--status',
      'completed',
      '--tag',
      'album=x',
      '--tag',
      'n=1',
      '--batch',
      batchId,
    ];
    const { code, stdout, stderr } = await impasto(server, 'list', ...args);
    assert.deepEqual([code, stderr], [0, 'There are more: --limit shows them.\n']);
    assert.equal(stdout.split('\n').length, 3);
    const query = `status=completed&tag=album%3Ax&tag=n%3A1&batch_id=${batchId}`;
    assert.deepEqual(
      server.seen.map(({ url }) => url),
      [`/api/jobs?${query}&limit=2`, `/api/jobs?${query}&limit=1&cursor=a`],
    );
  });

  test('deliveries, redeliver and limits print what the service says', async () => {
    const list = service.json(200, { job_id: jobId, deliveries: [service.deliveryView()] });
    const view = limitsView({ max_queued: 7, models: [{ name: 'm', version: '1' }], webhooks_enabled: true });
    await using server = await service.startScriptedService({
      deliveries: [list, service.json(202, service.deliveryView({ attempts: [] }))],
      limits: [service.json(200, view)],
    });
    const time = '2030-01-01T00:00:00.000Z';
    const head = `job.completed.0 pending, next attempt ${time}\n`;
    const listed = await impasto(server, 'deliveries', jobId);
    assert.equal(listed.stdout, `${head}  ${time}  500 status, 12 ms\n`);
    assert.equal((await impasto(server, 'redeliver', jobId, 'job.completed.0')).stdout, head);
    const limits = await impasto(server, 'limits');
    assert.match(
      limits.stdout,
      /^max image bytes +20971520\n[\s\S]*\nmax queued +7\n[\s\S]*\nmodels +m@1\n$/,
    );
  });
});
