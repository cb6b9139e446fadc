// The job queue on Azure Queue Storage. Pop receipts stay in here: each change of visibility brings a new one.
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import {
  type CallOptions,
  type CountedQueue,
  type JobQueue,
  LeaseLost,
  type ReceivedMessage,
} from '../ports.ts';
import { limited } from './call-limits.ts';
import { isNotFound, secondsBetween, statusOf, toStorageError } from './storage-errors.ts';

/** Never: work that waits longer than the service's default of 7 days would vanish without a trace. */
const timeToLive = -1;

export function makeStorageJobQueue(queue: QueueClient): JobQueue {
  return {
    async send(text, options = {}) {
      try {
        const { delaySeconds: visibilityTimeout } = options;
        const later = visibilityTimeout === undefined ? {} : { visibilityTimeout };
        await queue.sendMessage(text, { messageTimeToLive: timeToLive, ...later, ...limited(options) });
      } catch (error) {
        throw toStorageError(error, 'sending a message', options);
      }
    },

    async receive(visibilitySeconds, options = {}) {
      try {
        const call = {
          visibilityTimeout: visibilitySeconds,
          numberOfMessages: 1,
          ...limited(options),
        };
        const answer = await queue.receiveMessages(call);
        const [item] = answer.receivedMessageItems;
        return item && makeReceivedMessage(queue, item, answer.date);
      } catch (error) {
        throw toStorageError(error, 'receiving a message', options);
      }
    },

    async peek(options = {}) {
      try {
        const answer = await queue.peekMessages({ numberOfMessages: 32, ...limited(options) });
        return answer.peekedMessageItems.map(({ messageText, insertedOn }) => ({
          text: messageText,
          ageSeconds: secondsBetween(insertedOn, answer.date),
        }));
      } catch (error) {
        throw toStorageError(error, 'peeking at the messages', options);
      }
    },

    async countMessages(options = {}) {
      try {
        return await countIn(queue, options);
      } catch (error) {
        throw toStorageError(error, 'counting the messages', options);
      }
    },
  };
}

/** A queue that somebody else makes when it is needed: until then it holds nothing. */
export function makeForeignQueue(queue: QueueClient): CountedQueue {
  return {
    async countMessages(options = {}) {
      try {
        return await countIn(queue, options);
      } catch (error) {
        if (statusOf(error) === 404) return 0;
        throw toStorageError(error, `counting the messages of ${queue.name}`, options);
      }
    },
  };
}

async function countIn(queue: QueueClient, options: CallOptions): Promise<number> {
  const { approximateMessagesCount: count } = await queue.getProperties(limited(options));
  return count ?? 0;
}

function makeReceivedMessage(
  queue: QueueClient,
  item: DequeuedMessageItem,
  now: Date | undefined,
): ReceivedMessage {
  let popReceipt = item.popReceipt;
  return {
    text: item.messageText,
    deliveries: item.dequeueCount,
    ageSeconds: secondsBetween(item.insertedOn, now),

    async setVisibility(seconds, options = {}) {
      try {
        const call = limited(options);
        const answer = await queue.updateMessage(item.messageId, popReceipt, undefined, seconds, call);
        popReceipt = answer.popReceipt ?? popReceipt;
      } catch (error) {
        throw isLost(error) || isNotFound(error)
          ? lost(item, error)
          : toStorageError(error, 'renewing a message', options);
      }
    },

    async remove(options = {}) {
      try {
        await queue.deleteMessage(item.messageId, popReceipt, limited(options));
      } catch (error) {
        if (isNotFound(error)) return;
        throw isLost(error) ? lost(item, error) : toStorageError(error, 'removing a message', options);
      }
    },
  };
}

// A stale receipt: 400 PopReceiptMismatch. Where the message itself is gone the service says 404.
function isLost(thrown: unknown): boolean {
  return statusOf(thrown) === 400;
}

function lost(item: DequeuedMessageItem, cause: unknown): LeaseLost {
  return new LeaseLost(`another receiver has message ${item.messageId}, or it is gone`, { cause });
}
