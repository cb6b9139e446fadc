// Queue functions as the real library registers and runs them, before the storage emulator.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { makeLogger } from '@impasto/shared';
import { until } from '@impasto/shared/testing';
import { type Emulator, startAzurite } from '@impasto/shared/testing/azurite';
import { startFaultProxy } from '@impasto/shared/testing/fault-proxy';
import type { deliveries as Deliveries, slow as Slow, steps as Steps } from '../testing/trigger-app.ts';
import { type FunctionApp, loadApp } from './load-app.ts';
import { type QueueOptions, readQueueOptions } from './queue-options.ts';
import { startQueueTriggers } from './queue-triggers.ts';

const appUrl = new URL('../testing/trigger-app.ts', import.meta.url).href;
const logged: string[] = [];
const logger = makeLogger({ level: 'debug', write: (line) => logged.push(line) });
const environment = { QUEUE_NAME: 'named-by-setting' };
const options: QueueOptions = {
  batchSize: 4,
  newBatchThreshold: 2,
  maxDequeueCount: 3,
  visibilityTimeout: 0,
  maxPollingInterval: 1,
  messageEncoding: 'none',
};

let emulator: Emulator;
let app: FunctionApp;
let queues: QueueServiceClient;
let deliveries: typeof Deliveries;
let slow: typeof Slow;
let steps: typeof Steps;
const started: { stop(): Promise<void> }[] = [];

before(async () => {
  emulator = await startAzurite();
  queues = QueueServiceClient.fromConnectionString(emulator.connectionString);
  app = await loadApp(appUrl, logger);
  // Only now: what the library registers without a host is lost.
  ({ deliveries, slow, steps } = await import('../testing/trigger-app.ts'));
  for (const name of ['greetings', 'named-by-setting', 'failures', 'slow-ones'])
    await queues.createQueue(name);
  start();
});
after(async () => {
  const letGo = setInterval(() => steps.emit('go-on'), 50);
  await Promise.all(started.map((one) => one.stop()));
  clearInterval(letGo);
  await emulator.stop();
});

function start(own: Partial<Parameters<typeof startQueueTriggers>[0]> = {}) {
  const { connectionString } = emulator;
  const needs = { app, logger, options, connectionString, environment, leaseSeconds: 2, ...own };
  const triggers = startQueueTriggers(needs);
  started.push(triggers);
  return triggers;
}

const seenBy = (name: string) => deliveries.filter((one) => one.name === name);

async function isEmpty(queue: QueueClient): Promise<boolean> {
  return (await queue.getProperties()).approximateMessagesCount === 0;
}

describe('a queue function', () => {
  it('gets what is JSON as an object, other text as it is, and what the platform tells of a message', async () => {
    const queue = queues.getQueueClient('greetings');
    await queue.sendMessage('{"name": "Ada", "Tags": [1]}');
    await queue.sendMessage('good <morning> & ünïcode');
    const [one, other] = await until('two runs', () => seenBy('greet').length >= 2 && seenBy('greet'));
    assert.ok(one && other);
    assert.deepEqual([one.message, other.message], [{ name: 'Ada', Tags: [1] }, 'good <morning> & ünïcode']);
    const { dequeueCount, id, popReceipt, insertionTime, nextVisibleTime, expirationTime } = one.metadata;
    assert.deepEqual([dequeueCount, typeof id, typeof popReceipt], [1, 'string', 'string']);
    const [inserted, visible, expires] = [insertionTime, nextVisibleTime, expirationTime].map((time) =>
      Date.parse(String(time)),
    );
    assert.ok(inserted && visible && expires && inserted < visible && visible < expires);
    await until('an empty queue', () => isEmpty(queue));
  });

  it('may take the name of its queue from a setting', async () => {
    await queues.getQueueClient('named-by-setting').sendMessage('here');
    assert.equal((await until('a run', () => seenBy('by-setting')[0])).message, 'here');
  });

  it('that throws gets the message again, and at last the poison queue has it', async () => {
    const queue = queues.getQueueClient('failures');
    await queue.sendMessage('{"never": true}');
    const poison = queues.getQueueClient('failures-poison');
    const copy = await until('a copy', async () => {
      const there = await poison.peekMessages().catch(() => undefined);
      return there?.peekedMessageItems[0];
    });
    assert.equal(copy.messageText, '{"never": true}');
    await until('an empty queue', () => isEmpty(queue));
    assert.deepEqual(
      seenBy('fails').map(({ metadata }) => metadata.dequeueCount),
      [1, 2, 3],
    );
    assert.equal(logged.filter((line) => line.includes('the queue function failed')).length, 3);
  });

  it('waits for a queue that is not there yet, and says so once', async () => {
    const warnings = () =>
      logged.filter((line) => line.includes('queue_missing') && line.includes('made-later'));
    await until('a warning', () => warnings().length > 0);
    const queue = queues.getQueueClient('made-later');
    await delay(1_500);
    await queue.create();
    await queue.sendMessage('at last');
    assert.equal((await until('a run', () => seenBy('late')[0])).message, 'at last');
    assert.equal(warnings().length, 1);
  });

  it('has its messages to itself for as long as it runs, and not too many at once', async () => {
    const queue = queues.getQueueClient('slow-ones');
    for (let count = 0; count < 10; count += 1) await queue.sendMessage(`slow ${count}`);
    await until('as many as may run', () => slow.now > options.newBatchThreshold);
    const running = slow.now;
    await delay(2_700); // longer than the lease
    assert.deepEqual([slow.now, seenBy('slow').length], [running, running]);
    await until('all of them', () => {
      steps.emit('go-on');
      return slow.finished === 10;
    });
    await until('an empty queue', () => isEmpty(queue));
    assert.equal(seenBy('slow').length, 10);
    assert.ok(slow.most <= options.batchSize + options.newBatchThreshold, String(slow.most));
  });

  it('with a queue name that is none is refused at the start, by name', () => {
    assert.throws(() => start({ environment: {} }), {
      message: 'Expected the name of a queue, for the queue function by-setting, received "%QUEUE_NAME%"',
    });
    assert.throws(() => start({ connectionString: undefined }), /^Error: Expected STORAGE_CONNECTION_STRING/);
  });

  it('is waited for at the end, and gets no more messages', async () => {
    const queue = queues.getQueueClient('slow-ones');
    await queue.sendMessage('the last one');
    await until('a run', () => slow.now === 1);
    const stopping = Promise.all(started.map((one) => one.stop()));
    await queue.sendMessage('one too many');
    assert.equal(await Promise.race([stopping, delay(300, 'waits')]), 'waits');
    steps.emit('go-on');
    await stopping;
    assert.equal(slow.now, 0);
    const left = await queue.peekMessages({ numberOfMessages: 32 });
    assert.deepEqual(
      left.peekedMessageItems.map(({ messageText }) => messageText),
      ['one too many'],
    );
    await queue.clearMessages();
  });

  it('costs about one call a second while there is nothing to do', async () => {
    let calls = 0;
    const rule = () => {
      calls += 1;
      return undefined;
    };
    const proxy = startFaultProxy({ connectionString: emulator.connectionString, rule });
    const triggers = start({ connectionString: await proxy.open('host') });
    await delay(1_800); // the pauses grow
    calls = 0;
    await delay(2_000);
    const perQueue = calls / app.functions.length;
    assert.ok(perQueue >= 0.5 && perQueue <= 3, `${perQueue} calls in two seconds`);
    await triggers.stop();
    await proxy.stop();
  });

  it('takes texts in base64 where that is how they are written', async () => {
    const triggers = start({ options: { ...options, messageEncoding: 'base64' } });
    const queue = queues.getQueueClient('greetings');
    const before = seenBy('greet').length;
    await queue.sendMessage(Buffer.from('{"grüße": 1}').toString('base64'));
    await queue.sendMessage('no base64!');
    await until('a run', () => seenBy('greet').length > before);
    assert.deepEqual(seenBy('greet').at(-1)?.message, { grüße: 1 });
    const poison = queues.getQueueClient('greetings-poison');
    await until('the other one put aside', async () => {
      const there = await poison.peekMessages().catch(() => undefined);
      return there?.peekedMessageItems[0]?.messageText === 'no base64!';
    });
    await triggers.stop();
  });
});

describe('the settings of the queues', () => {
  it('come from the host.json of the app', async () => {
    const real = new URL('../../../../azure-function/src/main.ts', import.meta.url).href;
    assert.deepEqual(await readQueueOptions(real), {
      batchSize: 16,
      newBatchThreshold: 32,
      maxDequeueCount: 5,
      visibilityTimeout: 30,
      maxPollingInterval: 2,
      messageEncoding: 'none',
    });
  });

  it('are those of the platform without one', async () => {
    assert.deepEqual(await readQueueOptions(appUrl), {
      batchSize: 16,
      newBatchThreshold: 8,
      maxDequeueCount: 5,
      visibilityTimeout: 0,
      maxPollingInterval: 60,
      messageEncoding: 'base64',
    });
  });
});
