// Keeps what large submissions, and large pictures in answers, take within bounds: each needs several times its bytes,
// and a submission most of a second of the event loop.
import { setImmediate as nextImmediate } from 'node:timers/promises';
import type { HttpRequest } from '@azure/functions';
import { bulkhead } from 'cockatiel';

/** Below this a body takes no turn; the picture of a usual photograph fits. */
const largeBytes = 4 * 1024 * 1024;
const largeAtOnce = 2;

/**
 * @returns a function that runs the work for a body of the announced length: two large ones at once, others in the order
 * in which they came; small ones do not wait. A length that was not announced counts as large.
 */
export function makeLargeBodyQueue() {
  const policy = bulkhead(largeAtOnce, Number.POSITIVE_INFINITY);
  return <T>(announced: string | null, work: () => Promise<T>): Promise<T> => {
    const small = announced !== null && Number(announced) < largeBytes;
    return small ? work() : policy.execute(work);
  };
}

/** The whole body. `arrayBuffer()` would copy it twice where the platform hands it over in one piece. */
export async function readBody(request: HttpRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request.body ?? []) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

let turns: Promise<void> = Promise.resolve();

/**
 * Waits for a turn of the event loop of one's own: others are served in between, and of all who call this only one goes
 * on in each turn.
 */
export function nextTurn(): Promise<void> {
  turns = turns.then(() => nextImmediate());
  return turns;
}
