// A Function app for the tests of the queue triggers: it keeps what its functions saw.
import { EventEmitter, once } from 'node:events';
import { app, type InvocationContext } from '@azure/functions';

export interface Delivery {
  readonly name: string;
  readonly message: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export const deliveries: Delivery[] = [];
/** Runs of `slow` under way, the most there ever were, and those that have ended. */
export const slow = { now: 0, most: 0, finished: 0 };
/** `go-on` lets those of `slow` go on that are under way. */
export const steps = new EventEmitter().setMaxListeners(0);

function note(message: unknown, context: InvocationContext): void {
  deliveries.push({ name: context.functionName, message, metadata: { ...context.triggerMetadata } });
}

app.storageQueue('greet', { queueName: 'greetings', connection: 'ANY', handler: note });

app.storageQueue('by-setting', { queueName: '%QUEUE_NAME%', connection: 'ANY', handler: note });

app.storageQueue('late', { queueName: 'made-later', connection: 'ANY', handler: note });

app.storageQueue('fails', {
  queueName: 'failures',
  connection: 'ANY',
  handler: (message, context) => {
    note(message, context);
    throw new Error('the queue function failed');
  },
});

app.storageQueue('slow', {
  queueName: 'slow-ones',
  connection: 'ANY',
  handler: async (message, context) => {
    note(message, context);
    slow.now += 1;
    slow.most = Math.max(slow.most, slow.now);
    await once(steps, 'go-on');
    slow.now -= 1;
    slow.finished += 1;
  },
});
