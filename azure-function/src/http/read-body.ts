// The body of a request: read at its caller's pace, but not for ever, and never more than a body may have.
import type { HttpRequest } from '@azure/functions';
import { JobError } from '@impasto/shared';
import { assertBodySize } from './json-body.ts';
import { type Aside, isSmall, makeLargeBodyQueue, makePlacesInTurn } from './large-bodies.ts';

export interface Patience {
  /** How long a caller may send nothing, and how long all of the body may take. */
  readonly idleMs: number;
  readonly totalMs: number;
}

const usualPatience: Patience = { idleMs: 30_000, totalMs: 120_000 };
/** So many large bodies are read, or wait in memory until they are worked on. */
const readAtOnce = 4;

type WithBody = Pick<HttpRequest, 'headers' | 'body'>;

/**
 * @returns a function that reads a body and works on it: see `makeLargeBodyQueue`. A large one is read before it has a place
 * there, so that a slow caller holds up other slow callers and nobody else. Its work may throw; before it, a JobError
 * `body_too_large` or `request_timeout`.
 */
export function makeBodyQueue(patience: Patience = usualPatience) {
  const inTurn = makeLargeBodyQueue();
  const reading = makePlacesInTurn(readAtOnce);
  return async <T>(request: WithBody, work: (body: Uint8Array, aside: Aside) => Promise<T>): Promise<T> => {
    const announced = request.headers.get('content-length');
    assertBodySize(Number(announced ?? 0));
    if (isSmall(announced)) return await work(await readBody(request, patience), (wait) => wait());
    await reading.enter('newcomer');
    const body = await readBody(request, patience).catch((error: unknown) => {
      reading.leave();
      throw error;
    });
    return await inTurn(announced, (aside) => {
      reading.leave();
      return work(body, aside);
    });
  };
}

/**
 * The whole body. `arrayBuffer()` would copy it twice where the platform hands it over in one piece. What is not read of a
 * refused one stays with its caller.
 * @throws JobError `body_too_large` or `request_timeout`.
 */
export async function readBody(
  request: Pick<HttpRequest, 'body'>,
  patience = usualPatience,
): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const late = Promise.withResolvers<never>();
  const idle = setTimeout(() => late.reject(timeout('a part of the body', patience.idleMs)), patience.idleMs);
  const total = setTimeout(() => late.reject(timeout('the body', patience.totalMs)), patience.totalMs);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      idle.refresh();
      bytes += value.byteLength;
      assertBodySize(bytes);
      chunks.push(value);
    }
  } finally {
    clearTimeout(idle);
    clearTimeout(total);
    reader.releaseLock();
  }
}

function timeout(what: string, afterMs: number): JobError {
  return new JobError('request_timeout', `Expected ${what} within ${afterMs / 1000} seconds, received less`);
}
