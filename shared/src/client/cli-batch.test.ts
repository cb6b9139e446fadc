// The commands `impasto batch ...`, as processes of their own.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { leadTo, outcomeOf, startCli } from './scripted-cli.ts';
import * as service from './scripted-service.ts';

const { jobId, batchId } = service;
const zip = Buffer.concat([Buffer.from([0x50, 0x4b, 0x05, 0x06]), Buffer.alloc(18)]);
const removed: service.Answer = (response) => response.writeHead(204).end();
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-cli-batch-'));
  await Promise.all(['a.jpg', 'b.jpg'].map((name) => writeFile(join(folder, name), name)));
});
after(() => rm(folder, { recursive: true }));

function impasto(server: service.ScriptedService, ...args: string[]) {
  return outcomeOf(startCli(leadTo(server, args), folder));
}

describe('impasto batch', { concurrency: 2 }, () => {
  const view = (batch: object) => service.json(200, batch);

  test('submit sends every file, and prints the id', async () => {
    await using server = await service.startScriptedService({ 'submit-batch': [view(service.batchView())] });
    const files = ['--content', 'a.jpg', 'b.jpg', '--style', 'b.jpg'];
    const { code, stdout, stderr } = await impasto(server, 'batch', 'submit', ...files, '-i', '0.5');
    assert.deepEqual([code, stdout], [0, `${batchId}\n`]);
    assert.ok(stderr.includes(`batch wait ${batchId}\n`), stderr);
    const body = JSON.parse(server.seen[0]?.body ?? '');
    assert.deepEqual([body.content_images.length, body.style_images.length, body.influence], [2, 1, 0.5]);
    assert.equal((await impasto(server, 'batch', 'submit', '--content', 'a.jpg')).code, 2);
  });

  test('wait shows how many are done, and fails unless all were painted', async () => {
    const [running, ended] = [view(service.batchView()), view(service.endedBatch('partially_completed'))];
    await using server = await service.startScriptedService({ batch: [running, ended] });
    const { code, stdout, stderr } = await impasto(server, 'batch', 'wait', batchId);
    assert.equal(code, 1);
    assert.equal(stderr, 'processing: 0 of 1 done\npartially_completed\n');
    assert.ok(
      stdout.startsWith(
        `${batchId} partially completed\n  1 jobs: 1 failed\n  0  ${jobId}  content 0, style 0`,
      ),
    );
    await using complete = await service.startScriptedService({
      batch: [view(service.endedBatch('completed'))],
    });
    const done = await impasto(complete, 'batch', 'wait', batchId, '--json');
    assert.deepEqual([done.code, JSON.parse(done.stdout).batch_id], [0, batchId]);
  });

  test('status, cancel, results and delete do what they say', async () => {
    const pictures: service.Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/zip' }).end(zip);
    const waiting = service.batchView({ wait: service.waitView() });
    await using server = await service.startScriptedService({
      batch: [view(waiting), removed],
      cancel: [view(service.endedBatch('canceled'))],
      'batch-results': [pictures],
    });
    const status = await impasto(server, 'batch', 'status', batchId);
    assert.match(
      status.stdout,
      /1 processing\n {2}other jobs come first; 20-60 s\n.*processing: stylizing\n$/,
    );
    assert.match((await impasto(server, 'batch', 'cancel', batchId)).stdout, / canceled\n/);
    assert.equal((await impasto(server, 'batch', 'results', batchId, 'all.zip')).code, 0);
    assert.deepEqual(await readFile(join(folder, 'all.zip')), zip);
    assert.equal((await impasto(server, 'batch', 'delete', batchId, '-y')).stdout, `${batchId} removed\n`);
  });

  test('results and status ask for as much as is wanted', async () => {
    const pictures: service.Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/zip' }).end(zip);
    const batch = [view(service.batchView({ jobs: [] }))];
    await using server = await service.startScriptedService({ batch, 'batch-results': [pictures] });
    assert.equal((await impasto(server, 'batch', 'results', batchId, 'some.zip', '--partial')).code, 0);
    const status = await impasto(server, 'batch', 'status', batchId, '--no-jobs');
    assert.equal(status.stdout, `${batchId} processing\n  1 jobs: 1 processing\n`);
    assert.deepEqual(
      server.seen.map(({ url }) => url.replace(`/api/batch/${batchId}`, '')),
      ['/results?partial=true', '?include=none'],
    );
  });

  test('results in a file that cannot be opened end at once with 2', async () => {
    const stalled: service.Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/zip' }).write('PK');
    await using server = await service.startScriptedService({ 'batch-results': [stalled] });
    const { code, stderr } = await impasto(server, 'batch', 'results', batchId, `${'a'.repeat(230)}.zip`);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^impasto: Cannot write the result to .*ENAMETOOLONG/);
  });

  test('the end of the time tells how to go on', async () => {
    await using server = await service.startScriptedService({ batch: [view(service.batchView())] });
    const { code, stderr } = await impasto(server, 'batch', 'wait', batchId, '--timeout', '0.2');
    assert.equal(code, 4);
    const next = `The batch goes on. Wait for it again with: impasto --url ${server.url} batch wait ${batchId}\n`;
    assert.ok(stderr.includes(next), stderr);
  });
});
