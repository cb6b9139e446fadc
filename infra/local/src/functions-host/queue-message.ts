// One message of a queue trigger: its function runs while the message is kept invisible; then it is removed, comes back,
// or goes to the poison queue.
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { Logger } from '@impasto/shared';
import type { RegisteredFunction } from './functions-core.ts';
import { invokeQueue } from './invoke.ts';
import type { FunctionApp } from './load-app.ts';
import type { QueueOptions } from './queue-options.ts';

export interface QueueFunction {
  readonly app: FunctionApp;
  readonly registered: RegisteredFunction;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  readonly options: QueueOptions;
  /** Seconds that a message stays invisible while its function runs; renewed at half of it. */
  readonly leaseSeconds: number;
  readonly logger: Logger;
}

const callMs = 10_000;
/** A call to the storage does not take for ever. */
export const limited = () => ({ abortSignal: AbortSignal.timeout(callMs) });

/** Never rejects: a message that could be neither removed nor moved comes back by itself. */
export async function handleMessage(target: QueueFunction, item: DequeuedMessageItem): Promise<void> {
  const { registered, queue, options, logger } = target;
  const { messageId, dequeueCount } = item;
  const about = { function: registered.metadata.name, messageId, dequeueCount };
  const startedMs = performance.now();
  const held = holdMessage(target, item);
  // Such a one was received, and then its receiver broke down.
  const succeeded = dequeueCount <= options.maxDequeueCount && (await run(target, item, about));
  try {
    const popReceipt = await held.letGo();
    if (succeeded) await queue.deleteMessage(messageId, popReceipt, limited());
    else if (dequeueCount >= options.maxDequeueCount) await moveToPoison(target, { ...item, popReceipt });
    else await queue.updateMessage(messageId, popReceipt, undefined, options.visibilityTimeout, limited());
    logger.debug('queue', { ...about, succeeded, durationMs: Math.round(performance.now() - startedMs) });
  } catch (error) {
    logger.warn('queue_message_left', { ...about, succeeded, error });
  }
}

/** @returns whether the function has succeeded. */
async function run(
  { app, registered, options, logger }: QueueFunction,
  item: DequeuedMessageItem,
  about: object,
): Promise<boolean> {
  try {
    await invokeQueue(app, registered, {
      text: decode(item.messageText, options),
      id: item.messageId,
      popReceipt: item.popReceipt,
      dequeueCount: item.dequeueCount,
      insertionTime: item.insertedOn,
      expirationTime: item.expiresOn,
      nextVisibleTime: item.nextVisibleOn,
    });
    return true;
  } catch (error) {
    logger.error('queue_threw', { ...about, error });
    return false;
  }
}

/** @throws Error for what is no base64 where it has to be. */
function decode(text: string, { messageEncoding }: QueueOptions): string {
  if (messageEncoding === 'none') return text;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error('Expected a message in base64, received another');
  return Buffer.from(text, 'base64').toString();
}

/** Keeps the message invisible until it is let go; each renewal brings a new receipt. */
function holdMessage({ queue, leaseSeconds, logger }: QueueFunction, item: DequeuedMessageItem) {
  let { popReceipt } = item;
  let renewing = Promise.resolve();
  const renew = async () => {
    const call = limited();
    const answer = await queue.updateMessage(item.messageId, popReceipt, undefined, leaseSeconds, call);
    popReceipt = answer.popReceipt ?? popReceipt;
  };
  // One that fails is followed by another; the function goes on, as on the platform.
  const timer = setInterval(() => {
    renewing = renewing.then(renew).catch((error) => {
      logger.warn('queue_renewal_failed', { messageId: item.messageId, error });
    });
  }, leaseSeconds * 500);
  return {
    /** @returns the receipt by which the message can be removed. */
    async letGo(): Promise<string> {
      clearInterval(timer);
      await renewing;
      return popReceipt;
    },
  };
}

/** First the copy: a message may be there twice, but never not at all. */
async function moveToPoison(target: QueueFunction, item: DequeuedMessageItem): Promise<void> {
  const { queue, poison, registered, logger } = target;
  const { messageId, messageText } = item;
  logger.warn('queue_poison', { function: registered.metadata.name, messageId, poison: poison.name });
  await poison.createIfNotExists(limited());
  await poison.sendMessage(messageText, limited());
  await queue.deleteMessage(messageId, item.popReceipt, limited());
}
