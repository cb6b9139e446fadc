// Dead letters as an operator meets them: the door as a process, real sockets, real storage, a real worker.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { type Job, problemSchema, recordBadMessage, recordFailedJob, transition } from '@impasto/shared';
import { DeadLetterClient, StyleTransferClient } from '@impasto/shared/client';
import { someJob } from '@impasto/shared/testing';
import { type Service, startService } from './corpus/service.ts';

const root = resolve(import.meta.dirname, '../../..');
const picture = await readFile(resolve(root, 'samples/landscape.jpg'));
const cli = resolve(root, 'shared/src/client/cli.ts');
const at = '2026-01-02T03:04:06.000Z';

let service: Service;
let baseUrl: string;
let client: DeadLetterClient;

before(async () => {
  service = await startService({ SWEEP_SCHEDULE: 'off' });
  baseUrl = `http://127.0.0.1:${service.port}`;
  client = new DeadLetterClient({ baseUrl });
});
after(() => service.stop());

/** A job as its worker left it behind. */
async function addFailedJob(code: string): Promise<Job> {
  const { jobs, images, deadLetters } = service.storage;
  const queued = someJob({ maxSide: 128 });
  await Promise.all(Object.values(queued.inputs).map((key) => images.put(key, picture, 'image/jpeg')));
  await jobs.create(queued);
  const error = { code, message: `it ended with ${code}`, retryable: false };
  const claim = { owner: 'a', attempt: 1 };
  const failed = await jobs.update(queued.jobId, (job) => {
    const claimed = transition(job, { type: 'claimed', owner: claim.owner, at });
    return transition(claimed, { type: 'attempt_failed', claim, error, at });
  });
  await recordFailedJob(deadLetters, failed);
  return failed;
}

const jobOf = async ({ jobId }: Job) => (await service.storage.jobs.get(jobId))?.job;

async function imagesOf({ jobId }: Job): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of service.storage.images.list(`inputs/${jobId}/`)) keys.push(key);
  return keys;
}

async function impasto(...args: string[]) {
  const child = spawn(process.execPath, [cli, '--url', baseUrl, 'dead-letters', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome = [text(child.stdout), text(child.stderr), once(child, 'close')] as const;
  const [stdout, stderr, [code]] = await Promise.all(outcome);
  return { stdout, stderr, code };
}

describe('dead letters over the wire', { concurrency: false }, () => {
  it('are seen and replayed from the command line, once, however many ask', async () => {
    const job = await addFailedJob('model_unavailable');
    const list = await impasto('list', '--reason', 'model_unavailable');
    assert.equal(list.code, 0, list.stderr);
    assert.ok(list.stdout.startsWith(`${job.jobId}  `), list.stdout);
    assert.match(
      (await impasto('show', job.jobId)).stdout,
      /it ended with model_unavailable[\s\S]*replay with/,
    );
    const replays = Array.from({ length: 8 }, () => client.replay(job.jobId));
    const [{ code }] = await Promise.all([impasto('replay', job.jobId), ...replays]);
    assert.equal(code, 0);
    const now = await jobOf(job);
    assert.deepEqual([now?.status, now?.replays], ['queued', 1]);
    assert.equal((await client.get(job.jobId)).state, 'replayed');
  });

  it('lead to a picture when a worker takes the job that was replayed', async () => {
    const worker = service.startWorker();
    const done = await new StyleTransferClient({ baseUrl }).wait(
      (await client.list({ state: 'replayed' })).items[0]?.job_id ?? '',
      { timeoutSeconds: 120 },
    );
    await worker.stop();
    assert.deepEqual([done.status, done.attempt, done.result?.width], ['completed', 1, 128]);
    assert.equal((await client.replay(done.job_id)).status, 'completed');
  });

  it('are replayed by the dozen, page after page, past what cannot be', async () => {
    const jobs = await Promise.all(Array.from({ length: 12 }, () => addFailedJob('out_of_memory')));
    const other = await addFailedJob('image_corrupt');
    await recordBadMessage(service.storage.deadLetters, 'bad_message', '<xml/>');
    const sums = { replayed: 0, skipped: 0 };
    let cursor: string | undefined;
    do {
      const page = await client.replayMany({ reason: 'out_of_memory', limit: 5, ...(cursor && { cursor }) });
      sums.replayed += page.replayed;
      sums.skipped += page.skipped.length;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(sums, { replayed: 12, skipped: 0 });
    for (const job of jobs) assert.equal((await jobOf(job))?.replays, 1);
    assert.equal((await jobOf(other))?.status, 'failed');
  });

  it('are purged with the images of their jobs, which stay failed', async () => {
    const job = await addFailedJob('image_corrupt');
    await client.purge(job.jobId);
    assert.deepEqual(await imagesOf(job), []);
    assert.equal((await jobOf(job))?.status, 'failed');
    const again = await impasto('replay', job.jobId);
    assert.deepEqual([again.code, again.stdout], [1, '']);
    assert.match(again.stderr, /it was purged/);
    const { stdout, code } = await impasto('purge', '--all', '--yes', '--json');
    assert.deepEqual([code, JSON.parse(stdout)], [0, { purged: 2, skipped: [] }]);
    assert.deepEqual(await client.list(), { items: [], next_cursor: null });
  });

  it('answer what makes no sense with problems', async () => {
    const forged = [
      'x',
      'eyJ4IjoxfQ',
      '%FF%FE',
      'a'.repeat(2000),
      Buffer.from('{"marker":7}').toString('base64url'),
    ];
    const wrong: [method: string, path: string, status: number, code: string][] = [
      ...forged.map(
        (cursor) => ['GET', `?cursor=${cursor}`, 400, 'invalid_cursor'] as [string, string, 400, string],
      ),
      ['DELETE', '?all=true&cursor=x', 400, 'invalid_cursor'],
      ['GET', '?limit=0', 422, 'out_of_range'],
      ['DELETE', '', 422, 'required'],
      ['PUT', '', 405, 'method_not_allowed'],
      ['POST', '/replay', 415, 'unsupported_media_type'],
      ['GET', '/..%2f..%2fjobs', 404, 'dead_letter_not_found'],
      ['GET', '/replay', 404, 'dead_letter_not_found'],
      ['POST', '/%00/replay', 404, 'dead_letter_not_found'],
      ['GET', '/00000000-0000-0000-0000-000000000000/replay', 405, 'method_not_allowed'],
    ];
    for (const [method, path, status, code] of wrong) {
      const answer = await fetch(`${baseUrl}/api/dead-letters${path}`, { method });
      const problem = problemSchema.parse(await answer.json());
      assert.deepEqual([answer.status, problem.code], [status, code], `${method} ${path}`);
    }
    // Well made and none of ours: only the storage can tell, and Azurite takes it for the name to go on after.
    const marker = Buffer.from('{"marker":"nonsense"}').toString('base64url');
    const madeUp = await fetch(`${baseUrl}/api/dead-letters?cursor=${marker}`);
    assert.ok([200, 400].includes(madeUp.status), `${madeUp.status}`);
    const allow = (await fetch(`${baseUrl}/api/dead-letters`, { method: 'PATCH' })).headers.get('allow');
    assert.equal(allow, 'GET, DELETE');
  });
});
