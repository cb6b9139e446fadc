// Results, the list, canceling and deleting, over sockets: the app as the local stack runs it before a real storage.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  indexNameOf,
  type Job,
  type JobList,
  type JobResult,
  jobListSchema,
  problemSchema,
  statusViewSchema,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { someJob, someResult } from '@impasto/shared/testing';
import { assertSafe } from './corpus/answers.ts';
import { exchange, head } from './corpus/raw-http.ts';
import { type Service, startService } from './corpus/service.ts';

const picture = randomBytes(3 * 1024 * 1024 + 5);
const small = randomBytes(300);
let service: Service;
let api: string;

before(async () => {
  service = await startService();
  api = `http://127.0.0.1:${service.port}/api`;
});
after(() => service.stop());

/** A job of now, sent so many milliseconds ago. */
function newJobAt(agoMs: number, more: Partial<Job> = {}): Job {
  return { ...someJob(), createdAt: new Date(Date.now() - agoMs).toISOString(), ...more } as Job;
}

async function add(job: Job): Promise<Job> {
  const { jobs, jobIndex } = service.storage;
  await Promise.all([jobs.create(job), jobIndex.create(indexNameOf(job), {})]);
  return job;
}

function claimed(job: Job): Job {
  return transition(job, { type: 'claimed', owner: 'a', at: new Date().toISOString() });
}

/** Of a job that has been claimed once. */
function completed(job: Job): Job {
  const claim = { owner: 'a', attempt: 1 };
  return transition(job, { type: 'completed', claim, result: resultOf(job), at: new Date().toISOString() });
}

function resultOf({ jobId }: Job): JobResult {
  const sha256 = createHash('sha256').update(picture).digest('hex');
  const thumbnail = { width: 256, height: 192, bytes: small.byteLength };
  const key = `results/${jobId}/1-a.png`;
  return { ...someResult, key, bytes: picture.byteLength, sha256, thumbnail };
}

async function addCompleted(): Promise<{ job: Job; etag: string }> {
  const { images } = service.storage;
  const job = await add(completed(claimed(newJobAt(0))));
  assert.ok(job.status === 'completed');
  await images.put(job.result.key, picture, 'image/png');
  await images.put(thumbnailKeyOf(job.result.key), small, 'image/webp');
  await images.put(job.inputs.content, small, 'image/webp');
  return { job, etag: `"${job.result.sha256}"` };
}

async function viewOf(response: Response) {
  assert.equal(response.status, 200);
  return statusViewSchema.parse(await response.json());
}

async function problemIn(response: Response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const problem = problemSchema.parse(await response.json());
  assert.equal(problem.status, response.status);
  return problem;
}

const statusOf = async (job: Job) => viewOf(await fetch(`${api}/status/${job.jobId}?include=none`));
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('the addresses in a status', () => {
  it('give both pictures to whoever has them, without a key of the API, and stand in no log', async () => {
    const { job } = await addCompleted();
    const { result, expires_at, urls } = await statusOf(job);
    assert.ok(result?.thumbnail_url);
    assert.ok((await bytesOf(await fetch(result.result_url))).equals(picture));
    const thumbnail = await fetch(result.thumbnail_url);
    assert.equal(thumbnail.headers.get('content-type'), 'image/webp');
    assert.ok((await bytesOf(thumbnail)).equals(small));
    const left = Date.parse(result.url_expires_at) - Date.now();
    assert.ok(left > 25 * 60_000 && left <= 30 * 60_000, `${left} ms`);
    assert.ok(Date.parse(expires_at ?? '') > Date.now() + 23 * 3_600_000);
    assert.ok(!urls.result.includes('sig='));

    const signature = new URL(result.result_url).searchParams.get('sig') ?? '';
    assert.ok(signature.length > 40 && service.lines.some((line) => line.includes('get-status')));
    for (const line of service.lines)
      assert.ok(!line.includes('sig=') && !line.includes(signature) && !line.includes('rscd='), line);
  });

  it('tell a caller who asks for changes nothing, so long as its address lasts', async () => {
    const { job } = await addCompleted();
    const first = await fetch(`${api}/status/${job.jobId}?include=none`);
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${api}/status/${job.jobId}?include=none`, {
      headers: { 'if-none-match': etag },
    });
    // A new span of time may have begun in between.
    assert.ok(again.status === 304 || again.headers.get('etag') !== etag);
  });
});

describe('a result over a socket', () => {
  it('comes whole, in parts, as its head, and not again to who has it', async () => {
    const { job, etag } = await addCompleted();
    const ask = (headers: Record<string, string>, method = 'GET') =>
      fetch(`${api}/result/${job.jobId}`, { method, headers });
    const whole = await ask({});
    assert.ok((await bytesOf(whole)).equals(picture));
    assert.equal(whole.headers.get('content-length'), String(picture.byteLength));

    const half = await ask({ range: 'bytes=1500000-', 'if-range': etag });
    assert.deepEqual(
      [half.status, half.headers.get('content-range')],
      [206, `bytes 1500000-${picture.byteLength - 1}/${picture.byteLength}`],
    );
    assert.ok((await bytesOf(half)).equals(picture.subarray(1_500_000)));

    const beyond = await ask({ range: 'bytes=99999999-' });
    assert.equal(beyond.headers.get('content-range'), `bytes */${picture.byteLength}`);
    assert.equal((await problemIn(beyond)).code, 'range_not_satisfiable');
    assert.equal((await ask({ 'if-none-match': etag })).status, 304);

    const headed = await ask({ range: 'bytes=0-1' }, 'HEAD');
    assert.deepEqual(
      [headed.status, headed.headers.get('content-length'), headed.headers.get('accept-ranges')],
      [200, String(picture.byteLength), 'bytes'],
    );
    const raw = await exchange(service.port, head(`HEAD /api/result/${job.jobId}`));
    assert.deepEqual([raw.status, raw.body.length], [200, 0]);
    assertSafe(raw);
  });

  it('whose picture is missing is gone, by every method', async () => {
    const { job } = await addCompleted();
    assert.ok(job.status === 'completed');
    await service.storage.images.delete(job.result.key);
    const address = `${api}/result/${job.jobId}`;
    assert.equal((await problemIn(await fetch(address))).code, 'result_gone');
    assert.equal((await fetch(address, { method: 'HEAD' })).status, 410);
  });
});

describe('canceling and deleting over sockets', () => {
  it('cancels a waiting job, and asks the worker of a running one to stop', async () => {
    const waiting = await add(newJobAt(0));
    const running = await add(claimed(newJobAt(0)));
    const cancel = async ({ jobId }: Job) =>
      viewOf(await fetch(`${api}/cancel/${jobId}`, { method: 'POST' }));
    for (let times = 0; times < 2; times += 1) {
      assert.equal((await cancel(waiting)).status, 'canceled');
      const view = await cancel(running);
      assert.deepEqual([view.status, view.phase], ['processing', 'canceling']);
    }
    const { job } = await addCompleted();
    assert.equal((await cancel(job)).status, 'completed');
  });

  it('ends a job once when it is canceled and finished at the same time: with its picture, or without', async () => {
    const { jobs } = service.storage;
    for (let times = 0; times < 8; times += 1) {
      const { jobId } = await add(claimed(newJobAt(0)));
      const [answer, written] = await Promise.all([
        fetch(`${api}/cancel/${jobId}`, { method: 'POST' }),
        jobs.update(jobId, completed),
      ]);
      assert.ok(['completed', 'processing'].includes((await viewOf(answer)).status));
      // The worker has the last word: what it writes with its claim is what stands there.
      assert.equal(written.status, 'completed');
    }
  });

  it('deletes a job with its pictures: afterwards it is gone, also to who has its address', async () => {
    const { job } = await addCompleted();
    const { result } = await statusOf(job);
    const deletion = await fetch(`${api}/jobs/${job.jobId}`, { method: 'DELETE' });
    assert.deepEqual([deletion.status, await deletion.text()], [204, '']);
    for (const [method, path] of [
      ['DELETE', 'jobs'],
      ['GET', 'status'],
      ['GET', 'result'],
      ['POST', 'cancel'],
    ] as const) {
      const problem = await problemIn(await fetch(`${api}/${path}/${job.jobId}`, { method }));
      assert.deepEqual([problem.status, problem.code], [410, 'job_gone'], path);
      assert.ok(problem.gone_at);
    }
    assert.equal((await fetch(result?.result_url ?? '')).status, 404);
    for (const place of ['results', 'inputs'])
      assert.deepEqual(await Array.fromAsync(service.storage.images.list(`${place}/${job.jobId}/`)), []);
    const unknown = await fetch(`${api}/jobs/${someJob().jobId}`, { method: 'DELETE' });
    assert.equal((await problemIn(unknown)).code, 'job_not_found');
  });
});

describe('the list over a socket', () => {
  const tagged = { metadata: { gallery: 'spring' } };
  const batchId = '9a6c0c6e-3f0e-4f0e-8a58-6d2ad0d3a001';
  let newestFirst: string[];

  before(async () => {
    const jobs = Array.from({ length: 250 }, (_, index) => {
      const job = newJobAt(60_000 + index * 1_000, tagged);
      if (index % 5 === 0) return completed(claimed(job));
      return index % 2 === 0 ? job : { ...job, batch: { id: batchId, index } };
    });
    for (let start = 0; start < jobs.length; start += 25)
      await Promise.all(jobs.slice(start, start + 25).map(add));
    newestFirst = jobs.map(({ jobId }) => jobId);
  });

  async function page(query: string): Promise<JobList> {
    const response = await fetch(`${api}/jobs?${query}`);
    assert.equal(response.status, 200);
    return jobListSchema.parse(await response.json());
  }

  async function everyId(query: string, between = async () => {}): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { jobs, next_cursor }: JobList = await page(query + (cursor && `&cursor=${cursor}`));
      ids.push(...jobs.map(({ job_id }) => job_id));
      cursor = next_cursor;
      await between();
    }
    return ids;
  }

  it('has every job once, newest first, while others come in and one is deleted', async () => {
    const { jobId } = await add(newJobAt(0, tagged));
    const seen = await everyId('tag=gallery:spring&limit=40', async () => {
      await add(newJobAt(0, tagged));
      await fetch(`${api}/jobs/${jobId}`, { method: 'DELETE' });
    });
    assert.deepEqual(seen.slice(1), newestFirst);
  });

  it('is filtered by state, batch and tag', async () => {
    const done = await everyId('tag=gallery:spring&status=completed&limit=100');
    assert.deepEqual(
      done,
      newestFirst.filter((_, index) => index % 5 === 0),
    );
    assert.equal((await everyId(`batch_id=${batchId}`)).length, 100);
    assert.deepEqual(await everyId('tag=gallery:spring&tag=gallery:autumn'), []);
  });

  it('has working addresses, and answers in reasonable time', async () => {
    const { job } = await addCompleted();
    const startedAt = performance.now();
    const { jobs } = await page('limit=100');
    const ms = performance.now() - startedAt;
    const view = jobs.find(({ job_id }) => job_id === job.jobId);
    assert.equal(view?.result?.result_image, undefined);
    assert.equal((await fetch(view?.result?.thumbnail_url ?? '')).status, 200);
    assert.ok(ms < 10_000, `${ms} ms`);
  });

  it('refuses a cursor of another service and a filter that it does not know', async () => {
    for (const [query, status, code] of [
      ['cursor=abc', 400, 'invalid_cursor'],
      ['colour=red', 422, 'unknown_field'],
    ] as const) {
      const problem = await problemIn(await fetch(`${api}/jobs?${query}`));
      assert.deepEqual([problem.status, problem.code], [status, code]);
    }
  });
});
