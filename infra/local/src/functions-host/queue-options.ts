// How queue triggers run: `extensions.queues` of the app's host.json, with the platform's own defaults.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@impasto/shared';
import { z } from 'zod';

export interface QueueOptions {
  /** Messages that are taken at once, 1 to 32. */
  readonly batchSize: number;
  /** The next ones are taken when so many, or fewer, are still at work. */
  readonly newBatchThreshold: number;
  /** The delivery whose failure sends the message to the poison queue. */
  readonly maxDequeueCount: number;
  /** Seconds until a message whose function has failed is visible again. */
  readonly visibilityTimeout: number;
  /** Seconds between two looks at an empty queue, at most. */
  readonly maxPollingInterval: number;
  /** How the text of a message is written. */
  readonly messageEncoding: 'base64' | 'none';
}

/** `hh:mm:ss`, in seconds. */
const timeSpan = z
  .string()
  .regex(/^\d{1,2}:[0-5]\d:[0-5]\d$/, 'Expected hh:mm:ss')
  .transform((text) => text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0));

const queuesSchema = z
  .object({
    batchSize: z.int().min(1).max(32).default(16),
    newBatchThreshold: z.int().min(0).optional(),
    maxDequeueCount: z.int().min(1).default(5),
    visibilityTimeout: timeSpan.prefault('00:00:00'),
    maxPollingInterval: timeSpan.prefault('00:01:00'),
    messageEncoding: z.enum(['base64', 'none']).default('base64'),
  })
  .transform((queues) => ({
    ...queues,
    newBatchThreshold: queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2),
  }));

const hostSchema = z.object({
  extensions: z.object({ queues: queuesSchema.prefault({}) }).prefault({}),
});

/**
 * @param appUrl file URL of the app's main file; its host.json is looked for beside it and one folder above.
 * @throws Error that names the file and what is wrong in it.
 */
export async function readQueueOptions(appUrl: string): Promise<QueueOptions> {
  for (const place of ['./host.json', '../host.json']) {
    const file = fileURLToPath(new URL(place, appUrl));
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return parseHostFile(file, text);
  }
  return parseHostFile('no host.json', '{}');
}

function parseHostFile(file: string, text: string): QueueOptions {
  try {
    return hostSchema.parse(JSON.parse(text)).extensions.queues;
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new Error(`Expected valid settings of the queues in ${file}: ${reason}`, { cause: error });
  }
}
