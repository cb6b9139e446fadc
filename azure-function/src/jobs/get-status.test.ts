// Waiting for a job at its status, and when to ask again; the rest of the status is in get-job.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type JobEvent, messageFor, type StatusView, transition } from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult } from '@impasto/shared/testing';
import { invoke, problemOf } from '../testing/invoke.ts';
import { makeTestViews } from '../testing/views.ts';
import { makeGetStatus } from './get-status.ts';

const at = '2026-01-02T03:04:06.000Z';
const claim = { owner: 'a', attempt: 1 };
const claimed: JobEvent = { type: 'claimed', owner: 'a', at };
const completed: JobEvent = { type: 'completed', claim, result: someResult, at };

type Sign = ReturnType<typeof makeMemoryPorts>['images']['sign'];

async function setUp({ ahead = 0, signing = (sign: Sign) => sign } = {}) {
  const ports = makeMemoryPorts();
  for (let count = 0; count < ahead; count += 1) await ports.queue.send('{}');
  const job = someJob();
  await ports.jobs.create(job);
  await ports.queue.send(messageFor(job));
  await ports.images.put(someResult.key, Buffer.from('painted'), 'image/png');
  const images = { ...ports.images, sign: signing(ports.images.sign) };
  const status = makeGetStatus({ ...ports, ...makeTestViews({ ...ports, images }) });
  return {
    ...ports,
    ask: async (query = '', headers: Record<string, string> = {}) => {
      const startedAt = performance.now();
      const answer = await invoke(status, {
        params: { job_id: job.jobId },
        path: `/api/status/x${query}`,
        headers,
      });
      return { ...answer, view: answer.body as StatusView, seconds: (performance.now() - startedAt) / 1_000 };
    },
    change: (...events: JobEvent[]) => ports.jobs.update(job.jobId, (now) => events.reduce(transition, now)),
  };
}

describe('a status that is waited for', () => {
  it('is answered as soon as the job is done, with the picture', async () => {
    const { ask, change } = await setUp();
    const asked = ask('?wait=50');
    await delay(50);
    await change(claimed, completed);
    const { status, view, seconds, headers } = await asked;
    assert.deepEqual([status, view.done], [200, true]);
    assert.equal(view.result?.result_image, Buffer.from('painted').toString('base64'));
    assert.ok(seconds < 25, `${seconds}`);
    assert.equal(headers['retry-after'], undefined);
  });

  it('is the job as it is when the time is over, and no error', async () => {
    const { ask } = await setUp();
    const { status, view, seconds, headers } = await ask('?wait=1&include=none');
    assert.deepEqual([status, view.status, view.done], [200, 'queued', false]);
    assert.ok(seconds >= 0.95 && seconds < 30, `${seconds}`);
    assert.match(headers['retry-after'] ?? '', /^\d+$/);
    assert.equal(headers['preference-applied'], undefined);
  });

  it('is "not changed" to who has the newest when nothing happened in that time', async () => {
    const { ask, change } = await setUp();
    const { headers } = await ask();
    const known = { 'if-none-match': headers.etag ?? '' };
    const unchanged = await ask('?wait=1', known);
    assert.deepEqual([unchanged.status, unchanged.body], [304, undefined]);
    assert.ok(unchanged.seconds >= 0.95);
    assert.match(unchanged.headers['retry-after'] ?? '', /^\d+$/);
    await change(claimed, completed);
    const done = await ask('?wait=1', known);
    assert.deepEqual([done.status, done.view.status], [200, 'completed']);
    assert.equal((await ask('?wait=1', { 'if-none-match': done.headers.etag ?? '' })).status, 304);
  });

  it('takes a preference in its place, and says that it did', async () => {
    const { ask, change } = await setUp();
    const { seconds, headers } = await ask('', { prefer: 'respond-async, wait=1' });
    assert.ok(seconds >= 0.95, `${seconds}`);
    assert.equal(headers['preference-applied'], 'wait=1');
    const both = await ask('?wait=0', { prefer: 'wait=50' });
    assert.ok(both.seconds < 25);
    assert.equal(both.headers['preference-applied'], undefined);
    assert.equal((await ask('', { prefer: 'wait=soon' })).status, 200);
    await change(claimed, completed);
    const done = await ask('', { prefer: 'wait=500' });
    assert.deepEqual([done.status, done.headers['preference-applied']], [200, 'wait=60']);
  });

  it('wants whole seconds: of more than a minute it takes a minute', async () => {
    const { ask, change } = await setUp();
    for (const wait of ['soon', '-1', '1.5', '', '1e1', '٣', '5 ']) {
      const answer = await ask(`?wait=${encodeURIComponent(wait)}`);
      assert.deepEqual([answer.status, problemOf(answer).code], [422, 'invalid_value'], wait);
      assert.match(problemOf(answer).detail, /Expected whole seconds, 0 to 60, for wait/);
    }
    await change(claimed, completed);
    assert.equal((await ask(`?wait=${'9'.repeat(400)}`)).status, 200);
  });
});

describe('when to ask again', () => {
  it('is about when the job may be done', async () => {
    const { ask, workers, change } = await setUp();
    const cold = await ask();
    assert.equal(cold.view.wait?.reason, 'no_worker');
    assert.equal(cold.headers['retry-after'], String(cold.view.wait.estimated_seconds.low));
    const report = { workerId: 'w', state: 'ready', model: 'm', executionProvider: 'cpu' } as const;
    await workers.publish({ ...report, recentJobSeconds: Array(20).fill(10) });
    await delay(1_050);
    const warm = await ask();
    assert.deepEqual([warm.view.wait?.reason, warm.headers['retry-after']], ['next', '9']);
    await change(claimed, { type: 'progressed', claim, phase: 'stylizing', progress: 0.9 });
    const nearlyDone = await ask();
    assert.deepEqual([nearlyDone.view.wait?.reason, nearlyDone.headers['retry-after']], ['in_work', '1']);
  });

  it('tells who has the same record of another place in the queue', async () => {
    const { ask, queue } = await setUp({ ahead: 1 });
    const first = await ask();
    assert.equal(first.view.queue_position, 1);
    const known = { 'if-none-match': first.headers.etag ?? '' };
    assert.equal((await ask('', known)).status, 304);
    await (await queue.receive(60))?.remove();
    await delay(1_050);
    const nearer = await ask('', known);
    assert.deepEqual([nearer.status, nearer.view.queue_position], [200, 0]);
  });
});

describe('a completed job while nobody can sign', () => {
  it('has the address of the API under a tag that ends with that', async () => {
    const state = { down: true };
    const signing =
      (sign: Sign): Sign =>
      async (...args) => {
        if (state.down) throw new Error('no key');
        return await sign(...args);
      };
    const { ask, change } = await setUp({ signing });
    await change(claimed, completed);
    for (const query of ['', '?include=none']) {
      state.down = true;
      const unsigned = await ask(query);
      assert.equal(unsigned.view.result?.result_url, unsigned.view.urls.result);
      state.down = false;
      const signed = await ask(query, { 'if-none-match': unsigned.headers.etag ?? '' });
      assert.equal(signed.status, 200);
      assert.notEqual(signed.view.result?.result_url, signed.view.urls.result);
      // Who has addresses keeps them.
      state.down = true;
      assert.equal((await ask(query, { 'if-none-match': signed.headers.etag ?? '' })).status, 304);
    }
  });
});

describe('a crowd that asks', () => {
  /** 200 callers of 50 jobs, all at once; how often the storage is asked for each kind of thing. */
  async function callsOf(query: string): Promise<Record<string, number>> {
    const calls: Record<string, number> = { get: 0, countMessages: 0, peek: 0, list: 0 };
    const counted =
      <Args extends unknown[], T>(name: string, call: (...args: Args) => Promise<T>) =>
      async (...args: Args): Promise<T> => {
        calls[name] = (calls[name] ?? 0) + 1;
        await delay(5); // as long as a storage takes
        return await call(...args);
      };
    const memory = makeMemoryPorts();
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const job = someJob();
        await memory.jobs.create(job);
        return job.jobId;
      }),
    );
    const { jobs, queue, workers } = memory;
    const ports = {
      ...memory,
      jobs: { ...jobs, get: counted('get', jobs.get) },
      queue: {
        ...queue,
        countMessages: counted('countMessages', queue.countMessages),
        peek: counted('peek', queue.peek),
      },
      workers: { ...workers, list: counted('list', workers.list) },
    };
    const status = makeGetStatus({ ...ports, ...makeTestViews(ports) });
    const callers = Array.from({ length: 200 }, (_, index) => ids[index % ids.length] ?? '');
    const answers = await Promise.all(
      callers.map((job_id) => invoke(status, { params: { job_id }, path: `/api/status/x${query}` })),
    );
    for (const answer of answers) assert.equal(answer.status, 200);
    return calls;
  }

  it('has the storage asked twice for each job, and once for what is around all of them', async () => {
    // Once for the first who asks, once for all who ask meanwhile.
    assert.deepEqual(await callsOf('?include=none'), { get: 100, countMessages: 1, peek: 1, list: 1 });
  });

  it('has it asked a few times in a second for each job that is waited for', async (test) => {
    const calls = await callsOf('?wait=1');
    test.diagnostic(JSON.stringify(calls));
    assert.ok((calls.get ?? 0) <= 50 * 12, JSON.stringify(calls));
    assert.ok((calls.peek ?? 0) <= 2, JSON.stringify(calls));
  });
});
