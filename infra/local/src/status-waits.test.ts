// Waiting for a job, over real sockets and a real storage: held answers, "not changed", events, and callers who leave.
import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Job,
  type JobEvent,
  type JobResult,
  messageFor,
  newJob,
  problemSchema,
  statusViewSchema,
  transition,
} from '@impasto/shared';
import { someJob, someResult, until } from '@impasto/shared/testing';
import { type Service, startService } from './corpus/service.ts';

const claim = { owner: 'a', attempt: 1 };
const progressed = (progress: number): JobEvent => ({
  type: 'progressed',
  claim,
  phase: 'stylizing',
  progress,
});

let service: Service;
let api: string;
before(async () => {
  service = await startService({ SWEEP_SCHEDULE: 'off' });
  api = `http://127.0.0.1:${service.port}/api`;
});
after(() => service.stop());

const now = () => new Date().toISOString();
const claimed = (): JobEvent => ({ type: 'claimed', owner: 'a', at: now() });

/** A job as the door leaves it. */
async function send(): Promise<Job> {
  const job = newJob({ ...someJob(), createdAt: now() });
  await service.storage.jobs.create(job);
  await service.storage.queue.send(messageFor(job));
  return job;
}

async function change({ jobId }: Job, ...events: JobEvent[]): Promise<void> {
  await service.storage.jobs.update(jobId, (job) => events.reduce(transition, job));
}

async function complete(job: Job): Promise<void> {
  const result: JobResult = { ...someResult, key: `results/${job.jobId}/1-a.png` };
  await service.storage.images.put(result.key, Buffer.from('painted'), 'image/png');
  await change(job, { type: 'completed', claim, result, at: now() });
}

describe('a held answer', { concurrency: true }, () => {
  for (const address of ['status', 'jobs'])
    it(`comes as soon as the job is done (${address})`, async () => {
      const job = await send();
      const startedAt = performance.now();
      const asked = fetch(`${api}/${address}/${job.jobId}?wait=50`);
      await delay(300);
      await change(job, claimed());
      await complete(job);
      const answer = await asked;
      const view = statusViewSchema.parse(await answer.json());
      assert.deepEqual([answer.status, view.status], [200, 'completed']);
      assert.equal(view.result?.result_image, Buffer.from('painted').toString('base64'));
      assert.ok(performance.now() - startedAt < 25_000);
      assert.equal(answer.headers.get('retry-after'), null);
    });

  it('is "not changed" when the time is over and nothing happened', async () => {
    const job = await send();
    const first = await fetch(`${api}/status/${job.jobId}`);
    const etag = first.headers.get('etag') ?? '';
    const view = statusViewSchema.parse(await first.json());
    assert.equal(view.wait?.reason, 'no_worker');
    assert.match(first.headers.get('retry-after') ?? '', /^[1-9]\d?$/);
    // Others come and go meanwhile: that may change its place.
    const ask = () =>
      fetch(`${api}/status/${job.jobId}`, { headers: { 'If-None-Match': etag, Prefer: 'wait=1' } });
    const answer = await ask();
    if (answer.status === 304) assert.equal(await answer.text(), '');
    else assert.notEqual(statusViewSchema.parse(await answer.json()).queue_position, view.queue_position);
    assert.equal(answer.headers.get('preference-applied'), 'wait=1');
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d?$/);
  });

  it('is a problem where the job is removed meanwhile', async () => {
    const job = await send();
    const asked = fetch(`${api}/status/${job.jobId}?wait=50`);
    await delay(300);
    await service.storage.jobs.delete(job.jobId, () => true);
    const answer = await asked;
    const problem = problemSchema.parse(await answer.json());
    assert.deepEqual([answer.status, problem.code], [410, 'job_gone']);
  });
});

interface Listener {
  readonly response: IncomingMessage;
  readonly heard: () => string;
  readonly ended: Promise<void>;
}

/** Reads a stream of events from its own connection. */
async function listen({ jobId }: Job, headers: Record<string, string> = {}): Promise<Listener> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${api}/status/${jobId}/events`, { headers, agent: false }, resolve).on('error', reject);
  });
  let heard = '';
  const ended = (async () => {
    for await (const piece of response) heard += String(piece);
  })();
  ended.catch(() => {});
  return { response, heard: () => heard, ended };
}

const framesIn = (heard: string) =>
  heard
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      if (!line.startsWith('data: ')) return [];
      const { status, progress } = statusViewSchema.parse(JSON.parse(line.slice('data: '.length)));
      return [`${status} ${progress}`];
    });

describe('the events of a job', () => {
  it('arrive one by one, while the job goes on, and end with it', async () => {
    const job = await send();
    const { response, heard, ended } = await listen(job);
    assert.equal(response.statusCode, 200);
    assert.match(response.headers['content-type'] ?? '', /^text\/event-stream/);
    assert.equal(response.headers['cache-control'], 'no-store');
    await until('a snapshot', () => framesIn(heard()).includes('queued 0'));
    await change(job, claimed(), progressed(0.5));
    await until('a change', () => framesIn(heard()).includes('processing 0.5'));
    await complete(job);
    await ended;
    assert.equal(framesIn(heard()).at(-1), 'completed 1');
    const lastId = /id: (.*)\n.*\n\n$/.exec(heard())?.[1] ?? '';
    const again = await listen(job, { 'Last-Event-ID': lastId });
    assert.equal(again.response.statusCode, 204);
    await again.ended;
  });

  it('end with a word when the job is removed', async () => {
    const job = await send();
    const { heard, ended } = await listen(job);
    await until('a snapshot', () => framesIn(heard()).length > 0);
    await service.storage.jobs.delete(job.jobId, () => true);
    await ended;
    assert.match(heard(), /event: gone\ndata: .*"code":"job_gone".*\n\n$/);
  });

  it('leave room for others within seconds when listeners leave, and the job alone', async () => {
    const job = await send();
    const listeners = await Promise.all(Array.from({ length: 100 }, () => listen(job)));
    assert.deepEqual(
      listeners.filter(({ response }) => response.statusCode !== 200),
      [],
    );
    const refused = await listen(job);
    assert.deepEqual([refused.response.statusCode, refused.response.headers['retry-after']], [429, '5']);
    for (const { response } of listeners) response.destroy();
    const next = await until('a place', async () => {
      const listener = await listen(job);
      if (listener.response.statusCode === 200) return listener;
      return undefined;
    });
    next.response.destroy();
    assert.equal((await service.storage.jobs.get(job.jobId))?.job.status, 'queued');
  });
});
