// The fault proxy in front of a real Azurite, called through the real adapters.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { connectStorage, createContainersAndQueue, type Storage } from '../azure/index.ts';
import { messageFor } from '../job.ts';
import { type JobEvent, transition } from '../transition.ts';
import { type Emulator, startAzurite } from './azurite.ts';
import { type Fault, type FaultProxy, type Point, type StorageCall, startFaultProxy } from './fault-proxy.ts';
import { someJob, someResult } from './fixtures.ts';

const at = '2026-01-02T03:04:06.000Z';
let emulator: Emulator;
let proxy: FaultProxy;
let storage: Storage;
let calls: { point: Point; client: string; status: number }[] = [];

before(async () => {
  emulator = await startAzurite();
  const { connectionString } = emulator;
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: connectionString });
  proxy = startFaultProxy({
    connectionString,
    onAnswer: ({ point, client }, status) => calls.push({ point, client, status }),
  });
  storage = connectStorage({ STORAGE_CONNECTION_STRING: await proxy.open('one') });
});
after(async () => {
  await proxy.stop();
  await emulator.stop();
});
beforeEach(() => {
  calls = [];
  proxy.setRule(undefined);
});

const pointsSeen = () => calls.map(({ point }) => point);

/** Breaks the next call at this point, once. */
function breakNext(point: Point, fault: Fault): void {
  let done = false;
  proxy.setRule((call) => {
    if (done || call.point !== point) return undefined;
    done = true;
    return fault;
  });
}

describe('the names of the points', () => {
  it('tell the steps of a job, from its inputs to the end of its message', async () => {
    const job = someJob();
    const { jobs, images, queue } = storage;
    await images.put(job.inputs.content, Buffer.from('c'), 'image/png');
    await images.put(job.inputs.style, Buffer.from('s'), 'image/png');
    await jobs.create(job);
    await queue.send(messageFor(job));
    const message = await queue.receive(30);
    const claim = { owner: 'me', attempt: 1 };
    const change = (event: JobEvent) => jobs.update(job.jobId, (now) => transition(now, event));
    await change({ type: 'claimed', owner: 'me', at });
    await images.get(job.inputs.content);
    await change({ type: 'progressed', claim, phase: 'stylizing', progress: 0.5 });
    await message?.setVisibility(30);
    await images.put(`results/${job.jobId}/1-me.png`, Buffer.from('r'), 'image/png');
    await change({ type: 'completed', claim, result: someResult, at });
    await message?.remove();
    const withoutReads = pointsSeen().filter((point) => point !== 'record.read');
    assert.deepEqual(withoutReads, [
      'inputs.1',
      'inputs.2',
      'record.created',
      'message.sent',
      'received',
      'claimed',
      'inputs.fetched',
      'progressed',
      'renewed',
      'result.put',
      'committed',
      'message.deleted',
    ]);
  });

  it('tell a hand-back, a retry, a lapse, a second sending and a replay apart', async () => {
    const job = someJob();
    const { jobs } = storage;
    await jobs.create(job);
    const claimed: JobEvent = { type: 'claimed', owner: 'me', at };
    const claim = (attempt: number) => ({ owner: 'me', attempt });
    const error = { code: 'internal_error', message: '', retryable: true };
    const events: JobEvent[] = [
      claimed,
      { type: 'handed_back', claim: claim(1), at },
      claimed,
      { type: 'attempt_failed', claim: claim(2), error, at },
      claimed,
      { type: 'lapsed', at },
      { type: 'resent' },
      claimed,
      { type: 'attempt_failed', claim: claim(4), error: { ...error, retryable: false }, at },
      { type: 'replayed', expiresAt: at },
    ];
    for (const event of events) await jobs.update(job.jobId, (now) => transition(now, event));
    const writes = pointsSeen().filter((point) => point !== 'record.read' && point !== 'claimed');
    const expected = ['record.created', 'handed_back', 'retried', 'lapsed', 'resent', 'failed', 'replayed'];
    assert.deepEqual(writes, expected);
  });

  it('stay the same for the second try of a write that was carried out', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    breakNext('claimed', { kind: 'cut_after' });
    await storage.jobs.update(job.jobId, (now) => transition(now, { type: 'claimed', owner: 'me', at }));
    const tries = calls.filter(({ point }) => point === 'claimed').map(({ status }) => status);
    assert.deepEqual(tries, [201, 412]);
  });
});

describe('a fault', () => {
  it('before the storage leaves nothing carried out, and the call is tried again', async () => {
    for (const fault of [{ kind: 'cut_before' }, { kind: 'status', status: 503 }] as const) {
      calls = [];
      breakNext('message.sent', fault);
      await storage.queue.send('once');
      assert.deepEqual(pointsSeen(), ['message.sent'], fault.kind);
    }
  });

  it('after the storage has a message sent twice', async () => {
    breakNext('message.sent', { kind: 'cut_after' });
    await storage.queue.send('twice');
    assert.deepEqual(pointsSeen(), ['message.sent', 'message.sent']);
  });

  it('in the middle of an answer leaves the caller in the dark about what was carried out', async () => {
    breakNext('message.sent', { kind: 'half_answer' });
    await assert.rejects(storage.queue.send('unheard'), { code: 'storage_unavailable' });
    assert.deepEqual(pointsSeen(), ['message.sent']);
  });

  it('in the middle of a download is an error, not a short picture', async () => {
    const key = `inputs/${randomUUID()}/content`;
    const image = Buffer.from('a picture '.repeat(1000));
    await storage.images.put(key, image, 'image/png');
    breakNext('inputs.fetched', { kind: 'half_answer' });
    const found = await storage.images.get(key);
    await assert.rejects(async () => found?.body.toArray());
  });

  it('answers as the service does: a condition that did not hold sends the writer back to the record', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    breakNext('claimed', { kind: 'status', status: 412 });
    const claimed = await storage.jobs.update(job.jobId, (now) =>
      transition(now, { type: 'claimed', owner: 'me', at }),
    );
    assert.equal(claimed.attempt, 1);
  });

  it('that lasts holds the caller until its own time limit', async () => {
    proxy.setRule(() => ({ kind: 'hang' }));
    await assert.rejects(storage.jobs.get(randomUUID(), { signal: AbortSignal.timeout(200) }));
    assert.deepEqual(calls, []);
  });
});

describe('a call that is held', () => {
  it('lets somebody else in between, before it is carried out', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    const other = connectStorage({ STORAGE_CONNECTION_STRING: await proxy.open('other') });
    const claimed = { type: 'claimed', owner: 'other', at } as const;
    const isMine = ({ client, point }: StorageCall) => client === 'one' && point === 'claimed';
    let held = 0;
    proxy.setRule((call) => {
      if (!isMine(call) || held > 0) return undefined;
      held += 1;
      const until = () => other.jobs.update(job.jobId, (now) => transition(now, claimed));
      return { kind: 'hold', phase: 'before', until };
    });
    const mine = await storage.jobs.update(job.jobId, (now) => transition(now, { ...claimed, owner: 'one' }));
    assert.deepEqual([mine.attempt, mine.crashes], [2, 1]);
    const claims = calls.filter(({ point }) => point === 'claimed' || point === 'progressed');
    assert.deepEqual(
      claims.map(({ client, status }) => [client, status]),
      [
        ['other', 201],
        ['one', 412],
        ['one', 201],
      ],
    );
  });

  it('is carried out even when its client has given up, as a request that was on its way is', async () => {
    const job = someJob();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    breakNext('record.created', { kind: 'hold', phase: 'before', until: () => released });
    await assert.rejects(storage.jobs.create(job, { signal: AbortSignal.timeout(100) }));
    release();
    while ((await storage.jobs.get(job.jobId)) === undefined);
    assert.ok(pointsSeen().includes('record.created'));
  });
});
