import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { limits } from '../submission.ts';
import { StyleTransferClient } from './client.ts';
import type { FileJob } from './process-files.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const works = { submit: [service.accepted()], status: [service.completed], result: [service.picture] };
const contents = ['content.jpg', 'empty.jpg', 'style.jpg'];
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-client-'));
  await Promise.all(contents.map((name) => writeFile(join(folder, name), name === 'empty.jpg' ? '' : name)));
});
after(() => rm(folder, { recursive: true }));

function processFiles(server: service.ScriptedService, job: Partial<FileJob> = {}) {
  return new StyleTransferClient({ baseUrl: server.url, retrySeconds: 0 }).processStyleTransfer({
    contentImagePath: join(folder, 'content.jpg'),
    styleImagePath: join(folder, 'style.jpg'),
    outputPath: join(folder, 'result.png'),
    pollSeconds: 0.1,
    ...job,
  });
}

describe('processStyleTransfer', () => {
  test('goes from two files to a third, and tells the id as soon as there is one', async () => {
    await using server = await service.startScriptedService(works);
    const told: string[] = [];
    const done = await processFiles(server, { influence: 0.5, onSubmitted: (id) => told.push(id) });
    assert.deepEqual(told, [jobId]);
    assert.deepEqual(
      [done.jobId, done.bytes, done.contentType],
      [jobId, service.resultBytes.length, 'image/png'],
    );
    assert.deepEqual(done.job.result.prompt, { applied: ['vibrant'], ignored: ['gloomy'] });
    assert.deepEqual(await readFile(done.outputPath), Buffer.from(service.resultBytes));
    const body = JSON.parse(server.seen[0]?.body ?? '');
    assert.deepEqual([body.influence, body.output_format], [0.5, 'png']);
    await rm(done.outputPath);
  });

  test('the ending of the result file chooses the format', async () => {
    await using server = await service.startScriptedService(works);
    const names = { 'a.JPG': 'jpeg', 'b.jpeg': 'jpeg', 'c.webp': 'webp', d: undefined };
    for (const [name, format] of Object.entries(names)) {
      await processFiles(server, { outputPath: join(folder, name) });
      const sent = server.seen.findLast(({ route }) => route === 'submit');
      assert.equal(JSON.parse(sent?.body ?? '').output_format, format);
      await rm(join(folder, name));
    }
  });

  test('local mistakes are told before anything is sent', async () => {
    await using server = await service.startScriptedService(works);
    const huge = join(folder, 'huge.jpg');
    await writeFile(huge, '');
    await truncate(huge, limits.maxImageBytes + 1);
    const link = join(folder, 'link.png');
    await symlink(join(folder, 'content.jpg'), link);
    const cases: [Partial<FileJob>, RegExp][] = [
      [{ contentImagePath: join(folder, 'missing.jpg') }, /contentImagePath, .*does not exist/],
      [{ styleImagePath: folder }, /styleImagePath, .*which is none/],
      [{ styleImagePath: join(folder, 'empty.jpg') }, /styleImagePath ".*", received 0 bytes/],
      [{ contentImagePath: huge }, /at most 20971520 bytes for contentImagePath/],
      [{ outputPath: join(folder, 'result.gif') }, /ends in .png, .jpg, .webp, .jpeg/],
      [{ outputFormat: 'jpeg' }, /ends in .jpg for outputFormat jpeg/],
      [
        { outputPath: join(folder, 'no', 'result.png') },
        /folder ".*no" does not exist|".*no" does not exist/,
      ],
      [{ outputPath: folder }, /outputPath, .*which is none/],
      [{ outputPath: link }, /other than the input images/],
      [{ timeoutSeconds: 0 }, /greater than 0 for timeoutSeconds, received 0/],
      [{ creativity: -1 }, />=0 for creativity, received -1/],
    ];
    for (const [job, message] of cases) await assert.rejects(processFiles(server, job), { message });
    assert.equal(server.seen.length, 0);
    await Promise.all([rm(huge), rm(link)]);
  });

  test('looks at the job at once, since the service holds the answer back until there is one', async () => {
    const submit = [service.accepted({}, { 'retry-after': '60' })];
    await using server = await service.startScriptedService({ ...works, submit });
    const done = await processFiles(server, { timeoutSeconds: 20, idempotencyKey: 'order-17' });
    assert.match(server.seen.find(({ route }) => route === 'status')?.url ?? '', /wait=\d+$/);
    assert.equal(server.seen[0]?.headers['idempotency-key'], 'order-17');
    await rm(done.outputPath);
  });

  test('a failed job says why and leaves no file', async () => {
    await using server = await service.startScriptedService({ ...works, status: [service.failed] });
    const message = `Job ${jobId} failed: The content image cannot be decoded. (image_corrupt)`;
    await assert.rejects(processFiles(server), { code: 'job_failed', jobId, message });
    assert.deepEqual((await readdir(folder)).sort(), contents);
  });

  test('half a result, or one of another length, is never written', async () => {
    const short = service.json(200, {}, { 'content-type': 'image/png' });
    for (const [answer, code] of [
      [service.truncated, 'unreachable'],
      [short, 'unexpected_answer'],
    ] as const) {
      await using server = await service.startScriptedService({ ...works, result: [answer] });
      await assert.rejects(processFiles(server), { code, jobId });
    }
    assert.deepEqual((await readdir(folder)).sort(), contents);
  });

  test('every error after the submission carries the id', async () => {
    const outages = [
      service.reset,
      service.html,
      service.problem(500, 'internal_error'),
      service.json(200, {}),
    ];
    for (const outage of outages) {
      await using server = await service.startScriptedService({ ...works, status: [outage] });
      await assert.rejects(processFiles(server), { name: 'StyleTransferError', jobId });
    }
    await using server = await service.startScriptedService({ ...works, status: [service.running] });
    await assert.rejects(processFiles(server, { timeoutSeconds: 0.2 }), { code: 'wait_timeout', jobId });
    const onSubmitted = () => {
      throw new Error('cannot note it down');
    };
    await assert.rejects(processFiles(server, { onSubmitted }), { code: 'callback_failed', jobId });
  });

  test('a result that cannot be stored leaves nothing behind', async () => {
    await using server = await service.startScriptedService(works);
    const gone = await mkdtemp(join(folder, 'gone-'));
    const onSubmitted = () => void rm(gone, { recursive: true });
    const job = { outputPath: join(gone, 'result.png'), onSubmitted };
    await assert.rejects(processFiles(server, job), { code: 'local_file', jobId });
    assert.deepEqual((await readdir(folder)).sort(), contents);
  });
});
