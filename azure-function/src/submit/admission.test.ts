import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError, type JobQueue, silentLogger } from '@impasto/shared';
import { makeMemoryJobQueue, makeMemoryWorkerDirectory } from '@impasto/shared/testing';
import { withCircuit } from '../circuit.ts';
import { makeLookAround } from '../waiting/look-around.ts';
import { makeAdmission } from './admission.ts';

const maxQueued = 5;

function setUp(broken: Partial<JobQueue> = {}) {
  const memory = makeMemoryJobQueue();
  const clock = { ms: 0, reads: 0 };
  const queue: JobQueue = {
    ...memory,
    countMessages: () => {
      clock.reads += 1;
      return memory.countMessages();
    },
    ...broken,
  };
  const workers = makeMemoryWorkerDirectory();
  const assumedColdStart = { low: 30, high: 120 };
  const lookAround = makeLookAround({ queue, workers }, () => clock.ms);
  const admit = makeAdmission({ lookAround, maxQueued, assumedColdStart });
  /** Sends a message where there is a place; gives back how many were ahead, or the refusal. */
  const submit = () =>
    admit(1, async ({ jobsAhead }) => {
      await queue.send('{}');
      return jobsAhead;
    }).catch((error: unknown) => error);
  return { admit, submit, queue, workers, clock };
}

function assertFull(refusal: unknown): number {
  assert.ok(refusal instanceof JobError && refusal.code === 'queue_full', String(refusal));
  assert.ok(Number.isInteger(refusal.retryAfterSeconds));
  return refusal.retryAfterSeconds ?? 0;
}

describe('the number of jobs that may wait', () => {
  it('is not exceeded by a burst, which looks at the queue once', async () => {
    const { submit, queue, clock } = setUp();
    const outcomes = await Promise.all(Array.from({ length: 50 }, submit));
    const taken = outcomes.filter((one) => typeof one === 'number');
    assert.deepEqual(taken, [0, 1, 2, 3, 4]);
    assert.equal(await queue.countMessages(), maxQueued);
    assert.equal(clock.reads, 2);
    for (const refusal of outcomes.slice(maxQueued)) assertFull(refusal);
  });

  it('is never enough for a batch of more, whose caller is not told to come back', async () => {
    const { admit } = setUp();
    const refused = { code: 'too_many_jobs', message: /at most 5 jobs .* received 6$/, retryable: false };
    await assert.rejects(
      admit(maxQueued + 1, () => assert.fail('it was begun')),
      refused,
    );
    assert.equal(await admit(maxQueued, async () => 'taken'), 'taken');
  });

  it('is looked up again after a second', async () => {
    const { submit, queue, clock } = setUp();
    await Promise.all(Array.from({ length: maxQueued }, submit));
    const message = await queue.receive(30);
    await message?.remove();
    clock.ms = 999;
    assertFull(await submit());
    clock.ms = 1000;
    assert.equal(await submit(), maxQueued - 1);
    assertFull(await submit());
    assert.equal(clock.reads, 2);
  });

  it('goes on counting a submission that was under way when the queue was counted', async () => {
    const { admit, submit, clock } = setUp();
    let finish = () => {};
    const slow = admit(1, () => new Promise<void>((resolve) => (finish = resolve)));
    await Promise.resolve();
    clock.ms = 5_000;
    for (let count = 1; count < maxQueued; count += 1) assert.equal(await submit(), count);
    assertFull(await submit());
    finish();
    await slow;
    assertFull(await submit());
  });

  it('is not used up by submissions that fail', async () => {
    const { admit, submit } = setUp();
    const refused = async () => {
      throw new JobError('invalid_json', 'refused');
    };
    for (let count = 0; count < 2 * maxQueued; count += 1) {
      await assert.rejects(admit(1, refused), { code: 'invalid_json' });
    }
    assert.equal(await submit(), 0);
  });

  it('is given out several at a time, all of them or none', async () => {
    const { admit, submit, queue } = setUp();
    const send = async (places: number) => {
      for (let count = 0; count < places; count += 1) await queue.send('{}');
    };
    assert.equal(await submit(), 0);
    assertFull(await admit(maxQueued, () => assert.fail('it began')).catch((error: unknown) => error));
    await admit(maxQueued - 1, async ({ jobsAhead }) => {
      assert.equal(jobsAhead, 1);
      assertFull(await submit());
      await send(maxQueued - 1);
    });
    assertFull(await submit());
  });

  it('refuses nobody when the messages cannot be counted', async () => {
    const countMessages = () => Promise.reject(new JobError('storage_unavailable', 'down'));
    const { submit } = setUp({ countMessages });
    for (let count = 0; count < 2 * maxQueued; count += 1) assert.equal(await submit(), count);
  });

  it('lets nobody begin while the queue is left alone, because it will take no message either', async () => {
    const { queue: down } = setUp({
      countMessages: () => Promise.reject(new JobError('storage_unavailable', 'down')),
    });
    const { queue } = withCircuit({ queue: down }, 'queue', silentLogger);
    for (let count = 0; count < 5; count += 1) await assert.rejects(queue.countMessages());
    const { admit } = setUp(queue);
    await assert.rejects(
      admit(1, () => assert.fail('it began')),
      { code: 'storage_unavailable' },
    );
  });
});

describe('the time after which a refused caller is told to come back', () => {
  it('follows the pace of the workers that serve, and grows with each one that is refused', async () => {
    const { submit, workers } = setUp();
    const report = {
      model: 'm',
      executionProvider: 'cpu',
      state: 'busy',
      recentJobSeconds: [4, 4, 9],
    } as const;
    await workers.publish({ workerId: 'a', ...report });
    await workers.publish({ workerId: 'b', ...report });
    await Promise.all(Array.from({ length: maxQueued }, submit));
    const times = [];
    for (let count = 0; count < 60; count += 1) times.push(assertFull(await submit()));
    assert.deepEqual(times.slice(0, 3), [3, 6, 9]);
    assert.equal(Math.max(...times), 60);
  });

  it('is the start of a worker where none serves', async () => {
    const { submit } = setUp();
    await Promise.all(Array.from({ length: maxQueued }, submit));
    const seconds = assertFull(await submit());
    assert.ok(seconds >= 30 && seconds <= 60, String(seconds));
  });
});
