import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError, type JobQueue, silentLogger } from '@impasto/shared';
import { makeMemoryJobQueue, until } from '@impasto/shared/testing';
import { makeOutageMemory } from './outage-memory.ts';
import type { MessageOutcome } from './process-message.ts';
import { runWorker } from './worker.ts';

const reporter = { ready() {}, jobStarted() {}, jobEnded() {}, stop: async () => {} };

/** A worker whose jobs end as told; it removes every message that it handles. */
function startWorker(queue: JobQueue, outcome: () => MessageOutcome['outcome'] = () => 'completed') {
  const handled: string[] = [];
  const stop = new AbortController();
  const options = {
    queue,
    reporter,
    leaseSeconds: 30,
    pollSeconds: 0.05,
    outages: makeOutageMemory(),
    log: silentLogger,
  };
  const ended = runWorker(
    {
      ...options,
      async processMessage(message) {
        handled.push(message.text);
        await message.remove();
        return { outcome: outcome() };
      },
    },
    { stop: stop.signal, handBack: new AbortController().signal },
  );
  return { handled, ended, stop: () => stop.abort() };
}

describe('a worker', () => {
  it('handles one message after the other until it is told to stop', async () => {
    const queue = makeMemoryJobQueue();
    await queue.send('first');
    await queue.send('second');
    const worker = startWorker(queue);
    await until('both messages to be handled', () => worker.handled.length === 2);
    worker.stop();
    await worker.ended;
    assert.deepEqual(worker.handled, ['first', 'second']);
  });

  it('handles a message that the queue gave out while it was told to stop', async () => {
    const memory = makeMemoryJobQueue();
    await memory.send('given out');
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    let asked = 0;
    const worker = startWorker({
      ...memory,
      async receive(seconds, options = {}) {
        asked += 1;
        const message = await memory.receive(seconds, options);
        await answered;
        options.signal?.throwIfAborted();
        return message;
      },
    });
    await until('a question to the queue', () => asked === 1);
    worker.stop();
    answer();
    await worker.ended;
    assert.deepEqual([worker.handled, asked], [['given out'], 1]);
  });

  it('goes on after an outage of the queue', async () => {
    const memory = makeMemoryJobQueue();
    let outages = 3;
    const worker = startWorker({
      ...memory,
      async receive(seconds) {
        outages -= 1;
        if (outages >= 0) throw new JobError('storage_unavailable', 'no answer');
        return await memory.receive(seconds);
      },
    });
    await memory.send('after the outage');
    await until('the message to be handled', () => worker.handled.length === 1);
    worker.stop();
    await worker.ended;
  });

  it('ends with an error when its engine is lost', async () => {
    const queue = makeMemoryJobQueue();
    await queue.send('first');
    await queue.send('second');
    const worker = startWorker(queue, () => 'engine_lost');
    await assert.rejects(worker.ended, /engine could not be started/);
    assert.deepEqual(worker.handled, ['first']);
  });

  it('makes room for a later version after five of its messages in a row', async () => {
    const queue = makeMemoryJobQueue();
    for (let number = 0; number < 7; number += 1) await queue.send(`${number}`);
    const worker = startWorker(queue, () => (worker.handled.length === 1 ? 'completed' : 'newer'));
    await worker.ended;
    assert.equal(worker.handled.length, 6);
  });
});
