// The job queue in memory: visibility, receipts and all.
import { randomUUID } from 'node:crypto';
import { type JobQueue, LeaseLost, type ReceivedMessage } from '../ports.ts';
import type { Clock } from './clock.ts';

interface QueuedMessage {
  readonly text: string;
  readonly sentAt: number;
  visibleAt: number;
  deliveries: number;
  receipt: string;
}

export function makeMemoryJobQueue(clock: Clock = Date.now): JobQueue {
  const messages = new Set<QueuedMessage>();

  function hold(message: QueuedMessage, seconds: number): string {
    message.visibleAt = clock() + seconds * 1000;
    message.receipt = randomUUID();
    return message.receipt;
  }

  function received(message: QueuedMessage, seconds: number): ReceivedMessage {
    let receipt = hold(message, seconds);
    const assertHeld = () => {
      if (!messages.has(message) || message.receipt !== receipt)
        throw new LeaseLost('another receiver has the message');
    };
    return {
      text: message.text,
      deliveries: message.deliveries,
      ageSeconds: (clock() - message.sentAt) / 1000,
      async setVisibility(next) {
        assertHeld();
        receipt = hold(message, next);
      },
      async remove() {
        if (!messages.has(message)) return;
        assertHeld();
        messages.delete(message);
      },
    };
  }

  return {
    async send(text, options = {}) {
      options.signal?.throwIfAborted();
      const visibleAt = clock() + (options.delaySeconds ?? 0) * 1000;
      messages.add({ text, sentAt: clock(), visibleAt, deliveries: 0, receipt: '' });
    },
    async receive(visibilitySeconds, options = {}) {
      options.signal?.throwIfAborted();
      const next = [...messages].find((message) => message.visibleAt <= clock());
      if (!next) return undefined;
      next.deliveries += 1;
      return received(next, visibilitySeconds);
    },
    async peek(options = {}) {
      options.signal?.throwIfAborted();
      return [...messages]
        .filter((message) => message.visibleAt <= clock())
        .slice(0, 32)
        .map(({ text, sentAt }) => ({ text, ageSeconds: (clock() - sentAt) / 1000 }));
    },
    async countMessages(options = {}) {
      options.signal?.throwIfAborted();
      return messages.size;
    },
  };
}
