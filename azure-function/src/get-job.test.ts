import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Job, type JobEvent, type StatusView, statusViewSchema, transition } from '@impasto/shared';
import { makeMemoryImageStore, makeMemoryJobStore, someJob, someResult } from '@impasto/shared/testing';
import { makeGetResult } from './get-result.ts';
import { makeGetStatus } from './get-status.ts';
import { invoke, problemOf } from './testing/invoke.ts';

const at = '2026-01-02T03:04:06.000Z';
const claim = { owner: 'a', attempt: 1 };
const claimed: JobEvent = { type: 'claimed', owner: 'a', at };
const painted = Buffer.from('painted');

async function setUp(...events: JobEvent[]) {
  const jobs = makeMemoryJobStore();
  const images = makeMemoryImageStore();
  const job: Job = events.reduce(transition, someJob());
  await jobs.create(job);
  await images.put(someResult.key, painted, 'image/png');
  const params = { job_id: job.jobId };
  return {
    job,
    jobs,
    images,
    params,
    status: makeGetStatus({ jobs, images }),
    result: makeGetResult({ jobs, images }),
  };
}

const completed = () => setUp(claimed, { type: 'completed', claim, result: someResult, at });

describe('the status of a job', () => {
  it('tells a waiting job to be asked for again', async () => {
    const { status, params, job } = await setUp();
    const answer = await invoke(status, { params });
    const view = statusViewSchema.parse(answer.body);
    assert.equal(answer.status, 200);
    assert.equal(view.job_id, job.jobId);
    assert.deepEqual([view.status, view.done, view.progress, view.attempt], ['queued', false, 0, 0]);
    assert.deepEqual([view.started_at, view.completed_at, view.result], [null, null, undefined]);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  });

  it('shows phase and progress of a job that is being painted', async () => {
    const { status, params } = await setUp(claimed, {
      type: 'progressed',
      claim,
      phase: 'stylizing',
      progress: 0.4,
    });
    const view = statusViewSchema.parse((await invoke(status, { params })).body);
    assert.deepEqual(
      [view.status, view.phase, view.progress, view.started_at],
      ['processing', 'stylizing', 0.4, at],
    );
  });

  it('has the picture in base64 when completed, and leaves it out when asked to', async () => {
    const { status, params, job } = await completed();
    const whole = await invoke(status, { params });
    const view = statusViewSchema.parse(whole.body);
    assert.equal(view.done, true);
    assert.equal(view.result?.result_image, painted.toString('base64'));
    assert.equal(view.result.result_url, `http://localhost:7071/api/result/${job.jobId}`);
    assert.equal(view.result.processing_time, someResult.processingSeconds);
    assert.equal(whole.headers['retry-after'], undefined);
    const short = await invoke(status, { params, path: '/?include=none' });
    assert.equal((short.body as StatusView).result?.result_image, undefined);
    assert.equal((await invoke(status, { params, path: '/?include=all' })).status, 422);
  });

  it('answers 304 to who has the newest, until the job changes', async () => {
    const { status, params, jobs, job } = await setUp();
    const ask = (etag: string) => invoke(status, { params, headers: { 'if-none-match': etag } });
    const first = (await invoke(status, { params })).headers.etag ?? '';
    const again = await ask(first);
    assert.deepEqual([again.status, again.headers.etag, again.headers['retry-after']], [304, first, '1']);
    const short = await invoke(status, {
      params,
      path: '/?include=none',
      headers: { 'if-none-match': first },
    });
    assert.equal(short.status, 200, 'expected another answer to have another tag');
    await jobs.update(job.jobId, (now) => transition(now, claimed));
    const changed = await ask(first);
    assert.deepEqual([changed.status, (changed.body as StatusView).status], [200, 'processing']);
    assert.notEqual(changed.headers.etag, first);
  });

  it('shows a failed job as data, not as an HTTP error', async () => {
    const error = { code: 'image_corrupt', message: 'cut off', retryable: false };
    const { status, params } = await setUp(claimed, { type: 'attempt_failed', claim, error, at });
    const answer = await invoke(status, { params });
    assert.equal(answer.status, 200);
    assert.deepEqual(statusViewSchema.parse(answer.body).error, error);
  });

  it('knows nothing of ids that it never gave out', async () => {
    const { status } = await setUp();
    const nil = '00000000-0000-0000-0000-000000000000';
    for (const id of [randomUUID(), nil, 'x', '..%2f', 'a'.repeat(2000), '\0', '']) {
      const answer = await invoke(status, { params: { job_id: id } });
      assert.equal(answer.status, 404, id);
      assert.equal(problemOf(answer).code, 'job_not_found');
    }
  });

  it('asks the storage for a job at most once, and not at all for what can be no id', async () => {
    const memory = makeMemoryJobStore();
    const asked: string[] = [];
    const jobs = {
      ...memory,
      get: (jobId: string) => {
        asked.push(jobId);
        return memory.get(jobId);
      },
    };
    const images = makeMemoryImageStore();
    const unknown = randomUUID();
    for (const handler of [makeGetStatus({ jobs, images }), makeGetResult({ jobs, images })]) {
      for (const id of [
        `${unknown}/..`,
        'x',
        '../',
        '\0',
        'a'.repeat(2_000),
        `${unknown}\n`,
        unknown.slice(1),
      ])
        assert.equal((await invoke(handler, { params: { job_id: id } })).status, 404);
      assert.deepEqual(asked, []);
      for (const id of [unknown, unknown.toUpperCase(), '00000000-0000-0000-0000-000000000000'])
        assert.equal((await invoke(handler, { params: { job_id: id } })).status, 404);
      assert.deepEqual(asked.splice(0), [unknown, unknown, '00000000-0000-0000-0000-000000000000']);
    }
  });

  it('finds a job by its id in capitals', async () => {
    const { status, job } = await setUp();
    assert.equal((await invoke(status, { params: { job_id: job.jobId.toUpperCase() } })).status, 200);
  });

  it('shows nothing that only we need', async () => {
    const { status, params } = await setUp(claimed);
    const text = JSON.stringify((await invoke(status, { params })).body);
    for (const secret of ['owner', 'traceparent', 'crashes', 'inputs/'])
      assert.equal(text.includes(secret), false, secret);
  });
});

describe('the result of a job', () => {
  it('is the very bytes, with type, length, name and ETag', async () => {
    const { result, params, job } = await completed();
    const answer = await invoke(result, { params });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, painted);
    assert.equal(answer.headers['content-type'], 'image/png');
    assert.equal(answer.headers['content-length'], String(painted.length));
    assert.equal(answer.headers['content-disposition'], `inline; filename="impasto-${job.jobId}.png"`);
    assert.equal(answer.headers.etag, `"${someResult.sha256}"`);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });

  it('is not sent again to somebody who has it', async () => {
    const { result, params } = await completed();
    for (const known of [`"${someResult.sha256}"`, `W/"${someResult.sha256}", "x"`, '*']) {
      const answer = await invoke(result, { params, headers: { 'if-none-match': known } });
      assert.equal(answer.status, 304);
      assert.equal(answer.body, undefined);
    }
    assert.equal((await invoke(result, { params, headers: { 'if-none-match': 'junk' } })).status, 200);
  });

  it('is a conflict before the job is completed, and says whether waiting helps', async () => {
    const waiting = await setUp();
    const early = await invoke(waiting.result, { params: waiting.params });
    assert.deepEqual(
      [early.status, problemOf(early).code, problemOf(early).retryable],
      [409, 'not_completed', true],
    );
    const error = { code: 'image_corrupt', message: 'cut off', retryable: false };
    const failed = await setUp(claimed, { type: 'attempt_failed', claim, error, at });
    const never = await invoke(failed.result, { params: failed.params });
    assert.deepEqual([never.status, problemOf(never).retryable], [409, false]);
    assert.match(problemOf(never).detail, /image_corrupt/);
  });

  it('is gone when its picture has been removed', async () => {
    const { result, params, images } = await completed();
    await images.delete(someResult.key);
    assert.equal((await invoke(result, { params })).status, 410);
  });
});
