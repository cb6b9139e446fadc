import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  type CompletedJob,
  type ImageStore,
  type Job,
  JobError,
  type JobQueue,
  type JobStore,
  type JobWebhook,
  noticeSchema,
  type ReceivedMessage,
  readImage,
  silentLogger,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import {
  makeMemoryDeadLetterStore,
  makeMemoryImageStore,
  makeMemoryJobQueue,
  makeMemoryJobStore,
  someJob,
  until,
} from '@impasto/shared/testing';
import { EngineLost } from './engine/engine.ts';
import { makeOutageMemory } from './outage-memory.ts';
import { makeProcessMessage } from './process-message.ts';
import { makeFakeEngine } from './testing/fake-engine.ts';

const picture = Buffer.alloc(200, 7);
const leaseSeconds = 30;
const never = new AbortController().signal;
const at = '2026-01-02T03:04:06.000Z';

/** A house with one queued job; `clock` is the storage's time in ms, moved by the test. */
async function setUp(
  changes: {
    images?: (images: ImageStore) => Partial<ImageStore>;
    jobs?: (jobs: JobStore) => Partial<JobStore>;
    leaseSeconds?: number;
    patienceSeconds?: number;
    webhook?: JobWebhook;
    notices?: Partial<JobQueue>;
  } = {},
) {
  const clock = { now: 1_000_000 };
  const memoryJobs = makeMemoryJobStore(() => clock.now);
  const jobs = { ...memoryJobs, ...changes.jobs?.(memoryJobs) };
  const memoryImages = makeMemoryImageStore();
  const images = { ...memoryImages, ...changes.images?.(memoryImages) };
  const queue = makeMemoryJobQueue(() => clock.now);
  const deadLetters = makeMemoryDeadLetterStore();
  const notices = makeMemoryJobQueue(() => clock.now);
  const engine = makeFakeEngine();
  const job: Job = { ...someJob(), ...(changes.webhook && { webhook: changes.webhook }) };
  await jobs.create(job);
  await images.put(job.inputs.content, picture, 'image/png');
  await images.put(job.inputs.style, picture, 'image/png');
  await queue.send(JSON.stringify({ v: 1, job_id: job.jobId, traceparent: job.traceparent }));
  const lease = changes.leaseSeconds ?? leaseSeconds;
  const outages = makeOutageMemory();
  const handle = makeProcessMessage({
    jobs,
    images,
    deadLetters,
    notices: { ...notices, ...changes.notices },
    engine,
    leaseSeconds: lease,
    outages,
    patienceSeconds: changes.patienceSeconds ?? 0.3,
    log: silentLogger,
  });
  const receive = async (): Promise<ReceivedMessage> => {
    const message = await queue.receive(lease);
    assert.ok(message, 'expected a visible message');
    return message;
  };
  const now = async (): Promise<Job> => {
    const stored = await jobs.get(job.jobId);
    assert.ok(stored);
    return stored.job;
  };
  return {
    clock,
    jobs,
    images: memoryImages,
    queue,
    deadLetters,
    notices,
    engine,
    job,
    outages,
    handle,
    receive,
    now,
  };
}

type House = Awaited<ReturnType<typeof setUp>>;

async function thumbnailBytes({ images }: House, job: CompletedJob): Promise<number | undefined> {
  return (await readImage(images, thumbnailKeyOf(job.result.key)))?.byteLength;
}

function results({ images }: House): string[] {
  return images.keys().filter((key) => key.startsWith('results/'));
}

describe('processing a message', () => {
  it('paints the job, commits one result and removes the message', async () => {
    const house = await setUp();
    const { outcome, seconds } = await house.handle(await house.receive(), never);
    assert.equal(outcome, 'completed');
    assert.equal(typeof seconds, 'number');
    const job = await house.now();
    assert.ok(job.status === 'completed');
    assert.deepEqual(results(house), [job.result.key, thumbnailKeyOf(job.result.key)]);
    assert.deepEqual(job.result.thumbnail, {
      width: 32,
      height: 24,
      bytes: await thumbnailBytes(house, job),
    });
    assert.match(job.result.key, new RegExp(`^results/${job.jobId}/1-[0-9a-f-]{36}\\.png$`));
    assert.equal(job.result.bytes, picture.length);
    for (const stage of ['queue', 'fetch', 'decode', 'style_code', 'stylize', 'finish', 'encode', 'store']) {
      assert.ok(Number.isInteger(job.result.timings[stage]), stage);
    }
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('drops a second message for a finished job unread', async () => {
    const house = await setUp();
    await house.queue.send(JSON.stringify({ v: 1, job_id: house.job.jobId }));
    await house.handle(await house.receive(), never);
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'dropped' });
    assert.equal(house.engine.begun, 1);
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('leaves a job alone whose owner was alive a moment ago', async () => {
    const house = await setUp();
    await house.jobs.update(house.job.jobId, (job) =>
      transition(job, { type: 'claimed', owner: 'other', at }),
    );
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'left' });
    assert.equal((await house.now()).attempt, 1);
    house.clock.now += (leaseSeconds + 1) * 1000;
    assert.equal((await house.handle(await house.receive(), never)).outcome, 'completed');
    const job = await house.now();
    assert.deepEqual([job.attempt, job.crashes], [2, 1]);
  });

  it('takes a picture that cannot be decoded as final: failed, dead letter, no message', async () => {
    const house = await setUp();
    await house.images.put(house.job.inputs.content, Buffer.from('cut off'), 'image/png');
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'failed' });
    const job = await house.now();
    assert.ok(job.status === 'failed');
    assert.equal(job.error.code, 'image_corrupt');
    assert.equal(house.deadLetters.letters.get(`${job.jobId}/0`)?.reason, 'image_corrupt');
    assert.deepEqual([results(house), await house.queue.countMessages()], [[], 0]);
  });

  it('knows a failure for its own when the answer of the record was lost', async () => {
    let lost = 0;
    const house = await setUp({
      patienceSeconds: 30,
      jobs: (jobs) => ({
        update: async (...call) => {
          const after = await jobs.update(...call);
          if (after.status === 'failed' && lost++ === 0)
            throw new JobError('storage_unavailable', 'no answer');
          return after;
        },
      }),
    });
    await house.images.put(house.job.inputs.content, Buffer.from('cut off'), 'image/png');
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'failed' });
    assert.equal(house.deadLetters.letters.get(`${house.job.jobId}/0`)?.reason, 'image_corrupt');
    assert.deepEqual([lost, await house.queue.countMessages()], [2, 0]);
  });

  it('takes an input that is gone as final', async () => {
    const house = await setUp();
    await house.images.delete(house.job.inputs.style);
    await house.handle(await house.receive(), never);
    const job = await house.now();
    assert.equal(job.status === 'failed' && job.error.code, 'input_missing');
  });

  it('queues the job again after a model error, and gives up after five', async () => {
    const house = await setUp();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      house.engine.failNext(new JobError('model_failed', 'out of luck'));
      const { outcome } = await house.handle(await house.receive(), never);
      assert.equal(outcome, attempt < 5 ? 'retry' : 'failed');
      house.clock.now += 60_000;
    }
    const job = await house.now();
    assert.equal(job.status === 'failed' && job.error.code, 'attempts_exhausted');
    assert.deepEqual([...house.deadLetters.letters.keys()], [`${job.jobId}/0`]);
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('hands the job back when the worker has to stop: visible at once, no attempt used, no result', async () => {
    const house = await setUp();
    house.engine.hold();
    const stop = new AbortController();
    const handling = house.handle(await house.receive(), stop.signal);
    await until('the engine to begin', () => house.engine.begun === 1);
    stop.abort();
    assert.deepEqual(await handling, { outcome: 'handed_back' });
    const job = await house.now();
    assert.deepEqual([job.status, job.attempt, job.handBacks, job.crashes], ['queued', 1, 1, 0]);
    assert.deepEqual(results(house), []);
    assert.equal((await house.receive()).deliveries, 2);
  });

  it('stops working, and writes nothing, once the record names another owner', async () => {
    const house = await setUp({ leaseSeconds: 0.3 });
    const release = house.engine.hold();
    const handling = house.handle(await house.receive(), never);
    await until('the engine to begin', () => house.engine.begun === 1);
    await house.jobs.update(house.job.jobId, (job) => transition(job, { type: 'canceled', at }));
    assert.deepEqual(await handling, { outcome: 'superseded' });
    release();
    assert.equal((await house.now()).status, 'canceled');
    assert.deepEqual(results(house), []);
  });

  it('deletes its own result when another ended the job between result and commit', async () => {
    const cancelOnPut = (images: ImageStore): Partial<ImageStore> => ({
      put: async (key, ...rest) => {
        await images.put(key, ...rest);
        if (key.startsWith('results/')) await cancel();
      },
    });
    const house = await setUp({ images: cancelOnPut });
    const cancel = () =>
      house.jobs.update(house.job.jobId, (job) => transition(job, { type: 'canceled', at }));
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'superseded' });
    assert.equal((await house.now()).status, 'canceled');
    assert.deepEqual(results(house), []);
  });

  it('deletes its own result when the record cannot be told of it', async () => {
    const down = { now: false };
    const house = await setUp({
      jobs: (jobs) => ({
        update: async (jobId, change, options) => {
          const seen = (await jobs.get(jobId))?.job;
          if (down.now && seen && change(seen, 0).status === 'completed') {
            throw new JobError('storage_unavailable', 'no answer');
          }
          return await jobs.update(jobId, change, options);
        },
      }),
    });
    down.now = true;
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'handed_back' });
    const job = await house.now();
    assert.deepEqual([job.status, job.attempt - job.handBacks, results(house)], ['queued', 0, []]);
    down.now = false;
    house.clock.now += 60_000;
    assert.equal((await house.handle(await house.receive(), never)).outcome, 'completed');
    assert.equal(results(house).length, 2);
  });

  it('waits for a storage that is out, and uses no attempt for it', async () => {
    let refusals = 0;
    const refuseTwice = async () => {
      refusals += 1;
      if (refusals <= 2) throw new JobError('storage_unavailable', 'no answer');
    };
    const house = await setUp({
      patienceSeconds: 30,
      images: (images) => ({
        get: async (key) => {
          await refuseTwice();
          return await images.get(key);
        },
        put: async (key, ...rest) => {
          if (key.startsWith('results/')) await refuseTwice();
          await images.put(key, ...rest);
        },
      }),
    });
    assert.equal((await house.handle(await house.receive(), never)).outcome, 'completed');
    assert.ok(refusals > 2);
    const job = await house.now();
    assert.deepEqual([job.attempt, job.handBacks, job.errors], [1, 0, 0]);
  });

  it('names no result that was damaged on its way to the storage', async () => {
    let puts = 0;
    const damageFirst = (images: ImageStore): Partial<ImageStore> => ({
      put: async (key, image, ...rest) => {
        if (key.endsWith('.png')) puts += 1;
        await images.put(key, puts === 1 ? image.subarray(1) : image, ...rest);
      },
    });
    const house = await setUp({ images: damageFirst, patienceSeconds: 30 });
    assert.equal((await house.handle(await house.receive(), never)).outcome, 'completed');
    assert.equal(puts, 2, 'expected the storage to refuse what is not what its MD5 says');
    const job = await house.now();
    assert.ok(job.status === 'completed');
    assert.deepEqual(await readImage(house.images, job.result.key), picture);
  });

  it('ends a job as expired whose time is over before anybody began it', async () => {
    const house = await setUp();
    await house.jobs.update(house.job.jobId, (job) => ({ ...job, expiresAt: at }));
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'dropped' });
    assert.deepEqual([(await house.now()).status, house.engine.begun], ['expired', 0]);
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('leaves what a later version wrote to that version', async () => {
    const house = await setUp();
    await house.handle(await house.receive(), never);
    await house.queue.send(JSON.stringify({ v: 2, job: { id: randomUUID() } }));
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'newer' });
    assert.equal(await house.queue.countMessages(), 1);
    assert.equal(await house.queue.receive(30), undefined, 'expected it to be kept from others for a while');
  });

  it('does not mind how often a message was handed out before anybody could begin it', async () => {
    const house = await setUp();
    for (let deliveries = 1; deliveries <= 60; deliveries += 1) {
      await (await house.receive()).setVisibility(0);
    }
    assert.equal((await house.handle(await house.receive(), never)).outcome, 'completed');
    assert.equal((await house.now()).attempt, 1);
  });

  it('waits for a storage that is out when it claims, and knows its own claim again', async () => {
    let answersToLose = 2;
    const house = await setUp({
      jobs: (jobs) => ({
        update: async (jobId, change, options) => {
          const job = await jobs.update(jobId, change, options);
          if (answersToLose === 0) return job;
          answersToLose -= 1;
          throw new JobError('storage_unavailable', 'the answer got lost');
        },
      }),
    });
    assert.equal((await house.handle(await house.receive(), never)).outcome, 'completed');
    const job = await house.now();
    assert.deepEqual([job.attempt, job.crashes], [1, 0]);
  });

  it('takes nobody for dead whose silence began in an outage that it saw itself', async () => {
    const house = await setUp();
    await house.jobs.update(house.job.jobId, (job) =>
      transition(job, { type: 'claimed', owner: 'cut off', at }),
    );
    house.clock.now += (leaseSeconds + 1) * 1000;
    house.outages.note();
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'left' });
    assert.equal((await house.now()).attempt, 1);
  });

  it('takes a second time out of memory as final', async () => {
    const house = await setUp();
    for (const outcome of ['retry', 'failed']) {
      house.engine.failNext(new JobError('out_of_memory', '3 GB of 2 GB'));
      assert.equal((await house.handle(await house.receive(), never)).outcome, outcome);
      house.clock.now += 60_000;
    }
    const job = await house.now();
    assert.equal(job.status === 'failed' && job.error.code, 'out_of_memory');
  });

  it('hands the job back without using an attempt when its engine is lost', async () => {
    const house = await setUp();
    house.engine.failNext(new EngineLost('no more'));
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'engine_lost' });
    const job = await house.now();
    assert.deepEqual([job.status, job.attempt, job.handBacks], ['queued', 1, 1]);
  });

  it('writes down a message whose record cannot be read, and removes it', async () => {
    const unreadable = async () => {
      throw new JobError('record_unreadable', 'half a record');
    };
    const house = await setUp({ jobs: () => ({ update: unreadable }) });
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'dropped' });
    assert.deepEqual(
      [...house.deadLetters.letters.values()].map((one) => one.reason),
      ['record_unreadable'],
    );
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('writes down a message that is none of ours, and goes on', async () => {
    const house = await setUp();
    await house.handle(await house.receive(), never);
    for (const text of ['', '{', '[]', '{"v":1}', '{"v":1,"job_id":"../../x"}', 'x'.repeat(5000)]) {
      await house.queue.send(text);
      assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'dropped' });
    }
    const letters = [...house.deadLetters.letters.values()];
    assert.equal(letters.length, 6);
    assert.ok(letters.every((one) => one.reason === 'bad_message' && (one.text?.length ?? 0) <= 1024));
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('keeps a message whose record is not there yet, and writes it down when none comes in ten minutes', async () => {
    const house = await setUp();
    await house.handle(await house.receive(), never);
    await house.queue.send(JSON.stringify({ v: 1, job_id: randomUUID() }));
    for (const ageSeconds of [0, 590]) {
      house.clock.now += ageSeconds * 1000;
      assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'left' });
    }
    house.clock.now += 40_000;
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'dropped' });
    assert.deepEqual(
      [...house.deadLetters.letters.values()].map((one) => one.reason),
      ['record_missing'],
    );
  });

  it('completes the dead letter of a job whose worker died right after failing it', async () => {
    const house = await setUp();
    const error = { code: 'image_corrupt', message: 'cut off', retryable: false };
    await house.jobs.update(house.job.jobId, (job) => {
      const claimed = transition(job, { type: 'claimed', owner: 'dead', at });
      return transition(claimed, { type: 'attempt_failed', claim: { owner: 'dead', attempt: 1 }, error, at });
    });
    await house.handle(await house.receive(), never);
    assert.deepEqual([...house.deadLetters.letters.keys()], [`${house.job.jobId}/0`]);
  });
});

/** A receiver that wants to know everything. */
const webhook: JobWebhook = {
  url: 'https://receiver.example/hook',
  events: ['job.started', 'job.completed', 'job.failed', 'job.canceled', 'job.expired'],
  origin: 'https://impasto.example',
};

/** What the receiver is told of, in the order of the messages. */
async function told({ notices }: House): Promise<string[]> {
  const messages = await notices.peek();
  return messages.map(({ text }) => noticeSchema.parse(JSON.parse(text)).event);
}

describe('what a receiver is told', () => {
  it('is that the job has begun, and how it ended', async () => {
    const house = await setUp({ webhook });
    await house.handle(await house.receive(), never);
    assert.deepEqual(await told(house), ['job.started', 'job.completed']);
  });

  it('is only what it wants to know', async () => {
    const house = await setUp({ webhook: { ...webhook, events: ['job.failed'] } });
    await house.handle(await house.receive(), never);
    assert.deepEqual(await told(house), []);
  });

  it('is a failure once, after the last attempt', async () => {
    const house = await setUp({ webhook: { ...webhook, events: ['job.failed'] } });
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      assert.deepEqual(await told(house), []);
      house.engine.failNext(new JobError('model_failed', 'out of luck'));
      await house.handle(await house.receive(), never);
      house.clock.now += 60_000;
    }
    assert.deepEqual(await told(house), ['job.failed']);
  });

  it('is that the job expired, or had crashed too often, by the claim that found it so', async () => {
    const late = await setUp({ webhook });
    await late.jobs.update(late.job.jobId, (job) => ({ ...job, expiresAt: at }));
    await late.handle(await late.receive(), never);
    assert.deepEqual(await told(late), ['job.expired']);

    const crashed = await setUp({ webhook });
    const claims = ['a', 'b', 'c'].map((owner) => ({ type: 'claimed', owner, at }) as const);
    await crashed.jobs.update(crashed.job.jobId, (job) => claims.reduce(transition, job));
    crashed.clock.now += (leaseSeconds + 1) * 1000;
    await crashed.handle(await crashed.receive(), never);
    assert.deepEqual([(await crashed.now()).status, await told(crashed)], ['failed', ['job.failed']]);
  });

  it('is nothing by a message that comes after the end: that end was told by whoever wrote it', async () => {
    const house = await setUp({ webhook });
    await house.jobs.update(house.job.jobId, (job) => transition(job, { type: 'canceled', at }));
    await house.handle(await house.receive(), never);
    assert.deepEqual(await told(house), []);
  });

  it('that cannot be sent costs the job nothing: it is completed, its message is gone, one try was made', async () => {
    let tries = 0;
    const send = async () => {
      tries += 1;
      throw new JobError('storage_unavailable', 'no such queue');
    };
    const house = await setUp({ webhook, notices: { send } });
    assert.equal((await house.handle(await house.receive(), never)).outcome, 'completed');
    assert.deepEqual([await house.queue.countMessages(), tries], [0, 2]);
  });

  it('comes after the record says so and the message is gone', async () => {
    const seen: unknown[] = [];
    const look = { at: async () => {} };
    const house = await setUp({ webhook, notices: { send: () => look.at() } });
    look.at = async () => {
      seen.push([(await house.now()).status, await house.queue.countMessages()]);
    };
    await house.handle(await house.receive(), never);
    assert.deepEqual(seen, [
      ['processing', 1],
      ['completed', 0],
    ]);
  });
});

describe('a job that is to be canceled', () => {
  const askToCancel = (house: House) =>
    house.jobs.update(house.job.jobId, (job) => transition(job, { type: 'cancel_requested', at }));

  it('ends as canceled when the worker has to stop, and nobody gets its message again', async () => {
    const house = await setUp({ webhook });
    house.engine.hold();
    const stop = new AbortController();
    const handling = house.handle(await house.receive(), stop.signal);
    await until('the engine to begin', () => house.engine.begun === 1);
    await askToCancel(house);
    stop.abort();
    assert.deepEqual(await handling, { outcome: 'canceled' });
    const job = await house.now();
    assert.equal(job.status === 'canceled' && job.stopped?.phase, 'stylizing');
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('ends as canceled when the engine is lost, and the worker ends all the same', async () => {
    const house = await setUp();
    const release = house.engine.hold();
    const handling = house.handle(await house.receive(), never);
    await until('the engine to begin', () => house.engine.begun === 1);
    await askToCancel(house);
    house.engine.failNext(new EngineLost('no more'));
    release();
    assert.deepEqual(await handling, { outcome: 'engine_lost' });
    assert.equal((await house.now()).status, 'canceled');
  });

  it('ends as canceled when its attempt fails in a way that another might mend', async () => {
    const house = await setUp();
    const release = house.engine.hold();
    const handling = house.handle(await house.receive(), never);
    await until('the engine to begin', () => house.engine.begun === 1);
    await askToCancel(house);
    house.engine.failNext(new JobError('model_failed', 'out of luck'));
    release();
    assert.deepEqual(await handling, { outcome: 'canceled' });
    assert.deepEqual([(await house.now()).status, house.deadLetters.letters.size], ['canceled', 0]);
  });

  it('is dropped by whoever takes it over from a worker that went silent', async () => {
    const house = await setUp({ webhook });
    await house.jobs.update(house.job.jobId, (job) =>
      transition(job, { type: 'claimed', owner: 'dead', at }),
    );
    await askToCancel(house);
    house.clock.now += (leaseSeconds + 1) * 1000;
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'dropped' });
    assert.deepEqual([(await house.now()).status, house.engine.begun], ['canceled', 0]);
    assert.deepEqual([await told(house), await house.queue.countMessages()], [['job.canceled'], 0]);
  });
});

describe('the storage calls of a plain job', () => {
  it('are no more than it needs when it takes less than the time between two looks', async () => {
    const calls: string[] = [];
    const noting =
      <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
      (...args: A): R => {
        calls.push(name);
        return call(...args);
      };
    const house = await setUp({
      jobs: (jobs) => ({ get: noting('read', jobs.get), update: noting('update', jobs.update) }),
      images: (images) => ({ get: noting('fetch', images.get), put: noting('store', images.put) }),
      notices: { send: noting('notice', async () => {}) },
    });
    calls.length = 0;
    await house.handle(await house.receive(), never);
    assert.deepEqual(calls, ['update', 'fetch', 'fetch', 'store', 'store', 'update']);
  });
});

describe('the small picture beside a result', () => {
  it('that cannot be stored is a failure of the storage like that of the result: nothing stays, no attempt is used', async () => {
    const house = await setUp({
      images: (images) => ({
        put: async (key, ...rest) => {
          if (key.endsWith('.thumbnail.webp')) throw new JobError('storage_unavailable', 'no answer');
          await images.put(key, ...rest);
        },
      }),
    });
    assert.deepEqual(await house.handle(await house.receive(), never), { outcome: 'handed_back' });
    const job = await house.now();
    assert.deepEqual([job.status, job.attempt, job.handBacks, results(house)], ['queued', 1, 1, []]);
  });
});
