// The stream of a job's states at handler level; over a socket it is tested with the local stack.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { JobError, type JobEvent, silentLogger, statusViewSchema, transition } from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult, until } from '@impasto/shared/testing';
import { makeFunctionHandler } from '../http/respond.ts';
import { makeTestViews } from '../testing/views.ts';
import { makeStatusEvents } from './status-events.ts';

const at = '2026-01-02T03:04:06.000Z';
const claim = { owner: 'a', attempt: 1 };
const claimed: JobEvent = { type: 'claimed', owner: 'a', at };
const completed: JobEvent = { type: 'completed', claim, result: someResult, at };
const progressed = (progress: number): JobEvent => ({
  type: 'progressed',
  claim,
  phase: 'stylizing',
  progress,
});

type Limits = NonNullable<Parameters<typeof makeStatusEvents>[0]['limits']>;

async function setUp(limits: Limits = {}) {
  const ports = makeMemoryPorts();
  const job = someJob();
  await ports.jobs.create(job);
  const state = { down: false };
  const views = makeTestViews(ports);
  const readJob: typeof views.readJob = async (jobId) => {
    if (state.down) throw new JobError('storage_unavailable', 'down');
    return await views.readJob(jobId);
  };
  const events = makeStatusEvents({ ...views, readJob, limits: { frameMs: 50, ...limits } });
  const handler = makeFunctionHandler('test', silentLogger, events);
  return {
    ...{ ports, job, state },
    change: (...happened: JobEvent[]) =>
      ports.jobs.update(job.jobId, (now) => happened.reduce(transition, now)),
    async open(headers: Record<string, string> = {}, jobId: string = job.jobId) {
      const request = new HttpRequest({
        method: 'GET',
        url: `http://localhost:7071/api/status/${jobId}/events`,
        params: { job_id: jobId },
        headers,
      });
      const { status = 200, headers: answered, body } = await handler(request, new InvocationContext());
      return {
        status,
        headers: new Headers(answered as Record<string, string>),
        ...listenTo(body instanceof ReadableStream ? body : new Blob([String(body ?? '')]).stream()),
      };
    },
  };
}

interface Frame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** The pieces as they come, and the frames in them. */
function listenTo(body: ReadableStream<Uint8Array>) {
  const pieces: string[] = [];
  const reader = body.getReader();
  const ended = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      pieces.push(Buffer.from(next.value).toString());
  })();
  ended.catch(() => {});
  return { pieces, ended, leave: () => reader.cancel(), frames: () => framesIn(pieces.join('')) };
}

function framesIn(text: string): Frame[] {
  return text.split('\n\n').flatMap((block) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const event = field('event');
    return event === undefined ? [] : [{ event, id: field('id'), data: JSON.parse(field('data') ?? 'null') }];
  });
}

const states = (frames: readonly Frame[]) =>
  frames.map(({ data }) => statusViewSchema.parse(data)).map(({ status, progress }) => [status, progress]);

describe('the events of a job', () => {
  it('begin with the whole status, go on with each change, and end with the job', async () => {
    const { open, change } = await setUp();
    const { status, headers, frames, pieces, ended } = await open({ accept: 'application/json' });
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.deepEqual([headers.get('cache-control'), headers.get('x-accel-buffering')], ['no-store', 'no']);
    await until('a snapshot', () => frames().length === 1);
    await change(claimed, progressed(0.4));
    await until('a change', () => frames().length === 2);
    await change(completed);
    await ended;
    assert.deepEqual(states(frames()), [
      ['queued', 0],
      ['processing', 0.4],
      ['completed', 1],
    ]);
    assert.equal(pieces[0], 'retry: 1000\n\n');
    const views = frames().map(({ data }) => statusViewSchema.parse(data));
    assert.equal(views[0]?.wait?.reason, 'no_worker');
    assert.ok(views[2]?.result?.result_url);
    assert.equal(views[2]?.result?.result_image, undefined);
    assert.equal(new Set(frames().map(({ id }) => id)).size, 3);
  });

  it('are no more than two in a second, the newest of what happened in between', async () => {
    const { open, change } = await setUp({ frameMs: 500 });
    const { frames, ended } = await open();
    await until('a snapshot', () => frames().length === 1);
    const startedAt = performance.now();
    await change(claimed);
    for (let count = 1; count <= 50; count += 1) await change(progressed(count / 100));
    await until('a change', () => frames().length === 2);
    assert.ok(performance.now() - startedAt >= 400);
    await change(completed);
    await ended;
    assert.deepEqual(states(frames()), [
      ['queued', 0],
      ['processing', 0.5],
      ['completed', 1],
    ]);
  });

  it('go on after the last one that the listener has', async () => {
    const { open, change } = await setUp();
    const first = await open();
    await until('a snapshot', () => first.frames().length === 1);
    await first.leave();
    const id = first.frames()[0]?.id ?? '';
    const again = await open({ 'last-event-id': id });
    await until('the stream', () => again.pieces.length > 0);
    await change(claimed);
    await until('a change', () => again.frames().length === 1);
    assert.deepEqual(states(again.frames()), [['processing', 0]]);
    await again.leave();
    const behind = await open({ 'last-event-id': id });
    await until('a snapshot', () => behind.frames().length === 1);
    assert.deepEqual(states(behind.frames()), [['processing', 0]]);
    await behind.leave();
  });

  it('tell who has the last one that there is nothing to come back for', async () => {
    const { open, change } = await setUp();
    await change(claimed, completed);
    const { frames, ended } = await open();
    await ended;
    assert.deepEqual(states(frames()), [['completed', 1]]);
    const again = await open({ 'last-event-id': frames()[0]?.id ?? '' });
    assert.deepEqual([again.status, again.headers.get('content-type')], [204, null]);
    assert.equal((await open({ 'last-event-id': 'something else' })).status, 200);
  });

  it('say a word when nothing happens, and end in time to be opened again', async () => {
    const { open } = await setUp({ silentMs: 100, openMs: 450 });
    const { pieces, frames, ended } = await open();
    await ended;
    assert.equal(frames().length, 1);
    const words = pieces.filter((piece) => piece === ':\n\n').length;
    assert.ok(words >= 1 && words <= 4, `${words}`);
  });

  it('go on through an outage of the storage', async () => {
    const { open, change, state } = await setUp({ silentMs: 100 });
    const { pieces, frames, ended } = await open();
    await until('a snapshot', () => frames().length === 1);
    state.down = true;
    await until('a word in between', () => pieces.includes(':\n\n'));
    assert.equal(frames().length, 1);
    state.down = false;
    await change(claimed, completed);
    await ended;
    assert.deepEqual(states(frames().slice(1)), [['completed', 1]]);
  });

  it('end with a word when the job is removed', async () => {
    const { open, ports, job } = await setUp();
    const { frames, ended } = await open();
    await until('a snapshot', () => frames().length === 1);
    await ports.jobs.delete(job.jobId, () => true);
    await ended;
    const last = frames().at(-1);
    assert.equal(last?.event, 'gone');
    const word = last?.data as Record<string, string>;
    assert.deepEqual([word.job_id, word.code], [job.jobId, 'job_gone']);
    assert.ok(!Number.isNaN(Date.parse(word.gone_at ?? '')));
    assert.equal((await open()).status, 410);
  });

  it('are problems like any other where there is no such job, or no answer', async () => {
    const { open, state } = await setUp();
    assert.equal((await open({}, 'x')).status, 404);
    assert.equal((await open({}, '00000000-0000-4000-8000-000000000000')).status, 404);
    state.down = true;
    assert.equal((await open()).status, 503);
  });
});

describe('the places for listeners', () => {
  it('are limited, and given back by those who leave, end or fail', async () => {
    const { open, change, ports, job, state } = await setUp({ streams: 2 });
    const listeners = [await open(), await open()];
    const refused = await open();
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '5']);
    await listeners[0]?.leave();
    assert.equal(
      (await ports.jobs.get(job.jobId))?.job.status,
      'queued',
      'expected leaving to change nothing',
    );
    for (let count = 0; count < 5; count += 1) assert.equal((await open({}, 'x')).status, 404);
    state.down = true;
    for (let count = 0; count < 5; count += 1) assert.equal((await open()).status, 503);
    state.down = false;
    const next = await open();
    assert.equal(next.status, 200);
    await change(claimed, completed);
    await Promise.all([listeners[1]?.ended, next.ended]);
    const both = [await open(), await open()];
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    );
    await Promise.all(both.map(({ ended }) => ended));
  });
});
