// Runs the functions with a queue trigger as the platform's extension does: messages in batches, often while there are
// some, seldom while there are none.
import { setTimeout as delay } from 'node:timers/promises';
import { type DequeuedMessageItem, QueueServiceClient } from '@azure/storage-queue';
import type { Environment, Logger } from '@impasto/shared';
import type { RegisteredFunction } from './functions-core.ts';
import { queueTriggerOf } from './invoke.ts';
import type { FunctionApp } from './load-app.ts';
import { handleMessage, limited, type QueueFunction } from './queue-message.ts';
import type { QueueOptions } from './queue-options.ts';
import { resolveSettings } from './settings.ts';

interface QueueTriggers {
  /** Takes no more messages and waits for the functions under way. Again does nothing more. */
  stop(): Promise<void>;
}

interface QueueTriggersOptions {
  readonly app: FunctionApp;
  readonly logger: Logger;
  readonly options: QueueOptions;
  /** Of the emulator, whatever connection a function names. */
  readonly connectionString: string | undefined;
  /** For names of the form `%NAME%`. */
  readonly environment?: Environment;
  /** Seconds that a message stays invisible while its function runs; the platform's own 10 minutes. */
  readonly leaseSeconds?: number;
}

const platformLeaseSeconds = 600;
const leastPauseMs = 100;
/** Nobody wants to wait longer on his own machine, and nobody pays for the calls. */
const mostPauseMs = 1_000;
const retryOptions = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 };

/** @throws Error for a queue name that is none, or when there is no storage to look for queues in. */
export function startQueueTriggers(given: QueueTriggersOptions): QueueTriggers {
  const { app, connectionString, leaseSeconds = platformLeaseSeconds } = given;
  const found = app.functions.filter((one) => queueTriggerOf(one) !== undefined);
  const targets = found.map((registered): QueueFunction => {
    const name = queueNameOf(registered, given.environment ?? process.env);
    if (connectionString === undefined) {
      const { name } = registered.metadata;
      throw new Error(`Expected STORAGE_CONNECTION_STRING, for the queue function ${name}, received none`);
    }
    const service = QueueServiceClient.fromConnectionString(connectionString, { retryOptions });
    const queue = service.getQueueClient(name);
    return { ...given, registered, queue, poison: service.getQueueClient(`${name}-poison`), leaseSeconds };
  });
  const running = targets.map(startQueue);
  return {
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

function queueNameOf(registered: RegisteredFunction, environment: Environment): string {
  const text = String(queueTriggerOf(registered)?.queueName);
  const name = resolveSettings(text, environment);
  if (/^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) return name;
  throw new Error(
    `Expected the name of a queue, for the queue function ${registered.metadata.name}, received "${text}"`,
  );
}

function startQueue(target: QueueFunction): QueueTriggers {
  const { batchSize, newBatchThreshold, maxPollingInterval } = target.options;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const atWork = new Set<Promise<void>>();
  const receive = makeReceiver(target, batchSize);

  function start(item: DequeuedMessageItem): void {
    const work = handleMessage(target, item).finally(() => atWork.delete(work));
    atWork.add(work);
  }

  async function poll(): Promise<void> {
    const longest = Math.min(maxPollingInterval * 1_000, mostPauseMs);
    let pauseMs = leastPauseMs;
    while (!stopping.signal.aborted) {
      const items = await receive();
      if (stopping.signal.aborted) await giveBack(target, items);
      else items.forEach(start);
      while (atWork.size > newBatchThreshold && !stopping.signal.aborted) {
        await Promise.race([...atWork, stopped]);
      }
      if (items.length > 0) pauseMs = leastPauseMs;
      else {
        await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
        pauseMs = Math.max(leastPauseMs, Math.min(2 * pauseMs, longest));
      }
    }
  }

  const polling = poll();
  return {
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(atWork);
    },
  };
}

/** Answers with no messages where the queue cannot be asked, and says so once. */
function makeReceiver({ queue, registered, leaseSeconds, logger }: QueueFunction, batchSize: number) {
  let trouble: string | undefined;
  return async (): Promise<readonly DequeuedMessageItem[]> => {
    try {
      const call = { numberOfMessages: batchSize, visibilityTimeout: leaseSeconds, ...limited() };
      const { receivedMessageItems } = await queue.receiveMessages(call);
      trouble = undefined;
      return receivedMessageItems;
    } catch (error) {
      const event = Object(error).statusCode === 404 ? 'queue_missing' : 'queue_unreachable';
      const about = { function: registered.metadata.name, queue: queue.name };
      if (event !== trouble) logger.warn(event, event === 'queue_missing' ? about : { ...about, error });
      trouble = event;
      return [];
    }
  };
}

/** What came too late to be worked on is for the next receiver, at once. */
async function giveBack({ queue, logger }: QueueFunction, items: readonly DequeuedMessageItem[]) {
  for (const { messageId, popReceipt } of items) {
    await queue.updateMessage(messageId, popReceipt, undefined, 0, limited()).catch((error) => {
      logger.warn('queue_message_left', { messageId, error });
    });
  }
}
