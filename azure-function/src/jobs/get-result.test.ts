import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import type { ImageStore, JobEvent } from '@impasto/shared';
import { someJob, until } from '@impasto/shared/testing';
import { type Answer, invoke, problemOf } from '../testing/invoke.ts';
import {
  addJob,
  claimed,
  completedWith,
  failed,
  painted,
  resultOf,
  setUpCompleted,
  setUpJob,
} from '../testing/job-scene.ts';
import { serveOverSockets } from '../testing/over-sockets.ts';
import { testRetention } from '../testing/views.ts';
import { makeGetResult } from './get-result.ts';
import { makeReadJob } from './read-job.ts';
import { partBytes } from './stream-image.ts';

async function completed() {
  const { ports, job, params, deps } = await setUpCompleted();
  const result = makeGetResult(deps);
  const ask = (headers: Record<string, string> = {}, method = 'GET') =>
    invoke(result, { path: '/api/result/x', params, headers, method });
  assert.ok(job.status === 'completed');
  return { ports, job, ask, etag: `"${job.result.sha256}"` };
}

async function unfinished(...events: JobEvent[]) {
  const { params, deps } = await setUpJob(...events);
  return await invoke(makeGetResult(deps), { path: '/api/result/x', params });
}

async function bytesOf(answer: Answer): Promise<Buffer> {
  assert.ok(answer.body instanceof ReadableStream);
  return Buffer.from(await new Response(answer.body).arrayBuffer());
}

describe('the result of a job', () => {
  it('is the very bytes, with type, length, name and ETag', async () => {
    const { ask, job, etag } = await completed();
    const answer = await ask();
    assert.equal(answer.status, 200);
    assert.deepEqual(await bytesOf(answer), painted);
    assert.equal(answer.headers['content-type'], 'image/png');
    assert.equal(answer.headers['content-length'], String(painted.length));
    assert.equal(answer.headers['content-disposition'], `inline; filename="impasto-${job.jobId}.png"`);
    assert.equal(answer.headers.etag, etag);
    assert.equal(answer.headers['accept-ranges'], 'bytes');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });

  it('is not sent again to somebody who has it', async () => {
    const { ask, etag } = await completed();
    for (const known of [etag, `W/${etag}, "x"`, '*']) {
      const answer = await ask({ 'if-none-match': known, range: 'bytes=0-1' });
      assert.equal(answer.status, 304);
      assert.equal(answer.body, undefined);
    }
    assert.equal((await ask({ 'if-none-match': 'junk' })).status, 200);
  });

  it('may be kept for a day, and not for longer than it is kept here', async () => {
    const { ask } = await completed();
    assert.equal((await ask()).headers['cache-control'], 'private, max-age=86400, immutable');
    const { ports, job, params } = await setUpCompleted();
    assert.ok(job.status === 'completed');
    const ageHours = (Date.now() - Date.parse(job.completedAt)) / 3_600_000;
    for (const leftHours of [30, 10, 0.5]) {
      const readJob = makeReadJob(ports.jobs, { ...testRetention, retentionHours: ageHours + leftHours });
      const result = makeGetResult({ ...ports, readJob });
      const answer = await invoke(result, { path: '/api/result/x', params });
      const seconds = Number(/max-age=(\d+)/.exec(answer.headers['cache-control'] ?? '')?.[1]);
      const most = Math.min(leftHours, 24) * 3600;
      assert.ok(seconds <= most && seconds > most - 120, `${seconds} of ${most}`);
    }
  });

  it('is sent to who wants this very one, and to nobody who wants another', async () => {
    const { ask, etag } = await completed();
    for (const wanted of [etag, `"x", ${etag}`, '*'])
      assert.equal((await ask({ 'if-match': wanted, range: 'bytes=0-1' })).status, 206);
    for (const wanted of ['"x"', `W/${etag}`, 'junk', '']) {
      const answer = await ask({ 'if-match': wanted, 'if-none-match': etag });
      assert.deepEqual([answer.status, problemOf(answer).code], [412, 'precondition_failed'], wanted);
    }
  });

  it('is a conflict before the job is completed, and says whether waiting helps', async () => {
    const early = await unfinished();
    assert.deepEqual(
      [early.status, problemOf(early).code, problemOf(early).retryable],
      [409, 'not_completed', true],
    );
    const never = await unfinished(claimed, failed);
    assert.deepEqual([never.status, problemOf(never).retryable], [409, false]);
    assert.match(problemOf(never).detail, /image_corrupt/);
  });

  it('is gone when its picture has been removed, also to who asks for its head or a part', async () => {
    const { ask, ports, job } = await completed();
    assert.ok(job.status === 'completed');
    await ports.images.delete(job.result.key);
    for (const answer of [await ask(), await ask({}, 'HEAD'), await ask({ range: 'bytes=1-' })])
      assert.deepEqual([answer.status, problemOf(answer).code], [410, 'result_gone']);
  });

  it('has a head of its own, with the length of the whole', async () => {
    const { ask, etag } = await completed();
    const answer = await ask({ range: 'bytes=0-1' }, 'HEAD');
    assert.deepEqual([answer.status, answer.body], [200, undefined]);
    assert.deepEqual(
      [answer.headers['content-length'], answer.headers.etag, answer.headers['content-range']],
      [String(painted.length), etag, undefined],
    );
  });

  it('that is not as long as its record says is an outage, not a short picture', async () => {
    const { ask, ports, job } = await completed();
    assert.ok(job.status === 'completed');
    await ports.images.put(job.result.key, painted.subarray(1), 'image/png');
    assert.equal((await ask()).status, 503);
  });
});

describe('a part of a result', () => {
  const parts = [
    ['bytes=0-0', 'p', '0-0'],
    ['bytes=2-', 'inted', '2-6'],
    ['bytes=3-99', 'nted', '3-6'],
    ['bytes=-2', 'ed', '5-6'],
    ['bytes=-7', 'painted', '0-6'],
    ['bytes=-99', 'painted', '0-6'],
    ['Bytes=1-2', 'ai', '1-2'],
  ] as const;
  for (const [range, text, place] of parts) {
    it(`is what ${range} asks for`, async () => {
      const { ask, etag } = await completed();
      const answer = await ask({ range, 'if-range': etag });
      assert.equal(answer.status, 206);
      assert.equal((await bytesOf(answer)).toString(), text);
      assert.equal(answer.headers['content-range'], `bytes ${place}/7`);
      assert.equal(answer.headers['content-length'], String(text.length));
    });
  }

  it('that lies outside is refused, with the length that there is', async () => {
    const { ask } = await completed();
    for (const range of ['bytes=7-', 'bytes=-0', 'bytes=99-100']) {
      const answer = await ask({ range });
      assert.deepEqual([answer.status, problemOf(answer).code], [416, 'range_not_satisfiable'], range);
      assert.equal(answer.headers['content-range'], 'bytes */7');
      assert.equal(answer.headers['content-type'], 'application/problem+json');
    }
  });

  it('is the whole where several are asked for, or nothing that makes sense', async () => {
    const { ask } = await completed();
    const thousand = `bytes=${Array.from({ length: 1000 }, (_, index) => `${index % 7}-`).join(',')}`;
    const malformed = ['junk', 'bytes=', 'bytes=-', 'bytes=a-b', 'bytes=1x-3y', 'bytes=1.5-3', 'bytes=0x1-3'];
    const others = ['lines=0-1', 'lines=9-', 'bytes=5-2', 'bytes=9-1', 'bytes=0-1,9-1'];
    for (const range of ['bytes=0-1,3-4', thousand, ...malformed, ...others]) {
      const answer = await ask({ range });
      assert.deepEqual(
        [answer.status, answer.headers['content-range']],
        [200, undefined],
        range.slice(0, 20),
      );
      assert.deepEqual(await bytesOf(answer), painted);
    }
  });

  it('is the whole where the part is wanted of another picture', async () => {
    const { ask, etag } = await completed();
    for (const ifRange of ['"another"', `W/${etag}`, 'Fri, 02 Jan 2026 03:04:06 GMT'])
      assert.equal((await ask({ range: 'bytes=0-1', 'if-range': ifRange })).status, 200);
  });
});

describe('a large result over a socket', () => {
  const parts = 60;

  /** A picture of so many parts, of which one may be missing; how many were read. */
  async function serve(test: TestContext, missing = parts) {
    const { ports } = await setUpCompleted();
    const base = someJob();
    const result = { ...resultOf(base), bytes: parts * partBytes };
    const { jobId } = await addJob(ports, [claimed, completedWith(result)], base);
    const seen = { reads: 0 };
    const get: ImageStore['get'] = async (_key, options) => {
      const { offset = 0, count = 0 } = options?.range ?? {};
      seen.reads += 1;
      if (offset === missing * partBytes) return undefined;
      const body = Readable.from([Buffer.alloc(count)]);
      return { body, bytes: count, contentType: 'image/png', etag: '"x"' };
    };
    const readJob = makeReadJob(ports.jobs, testRetention);
    const sockets = await serveOverSockets(test, makeGetResult({ readJob, images: { get } }));
    return { seen, sockets, call: { path: `/api/result/${jobId}`, params: { job_id: jobId } } };
  }

  it('is read no faster than its caller reads, whole or a part, and arrives whole', async (test) => {
    for (const headers of [{}, { range: 'bytes=0-' }]) {
      const { seen, sockets, call } = await serve(test);
      const id = `slow ${JSON.stringify(headers)}`;
      const response = await sockets.open(id, { ...call, headers });
      await new Promise((resolve) => setTimeout(resolve, 300));
      // What the sockets of both sides hold is some megabytes.
      assert.ok(seen.reads < parts / 2, `${seen.reads} parts were read for a caller that does not read`);
      let bytes = 0;
      for await (const chunk of response) bytes += chunk.length;
      assert.equal(bytes, parts * partBytes);
      await until('an answer that is sent', () => sockets.outcomes.get(id) === 'sent');
    }
  });

  it('is read no further once its caller has left', async (test) => {
    const { seen, sockets, call } = await serve(test);
    const response = await sockets.open('left', call);
    response.destroy();
    await until('an answer that has ended', () => sockets.outcomes.get('left') === 'sent');
    assert.ok(seen.reads < parts / 2, `${seen.reads} parts were read for a caller that has left`);
  });

  it('breaks off where a part is missing, and does not look whole', async (test) => {
    const { sockets, call } = await serve(test, 3);
    const response = await sockets.open('broken', call);
    await assert.rejects(response.toArray(), { code: 'ECONNRESET' });
    await until('an answer that has ended', () => sockets.outcomes.has('broken'));
    assert.match(String(sockets.outcomes.get('broken')), /it was removed/);
  });
});
