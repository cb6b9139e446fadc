// What nobody waits for: keys, entries of indexes, and batches whose time may be over. Looked at once an hour, so many at
// a time; the next look goes on where this one stopped, and the first of a process begins anywhere.
import type { CallOptions, DocumentStore, ListedDocument } from '@impasto/shared';
import type { SweptStorage } from './snapshot.ts';

export interface Leftovers {
  readonly idempotencyKeys: readonly ListedDocument[];
  readonly reuse: readonly ListedDocument[];
  readonly jobIndex: readonly ListedDocument[];
  readonly batches: readonly ListedDocument[];
  readonly deliveries: readonly ListedDocument[];
}

export const noLeftovers: Leftovers = {
  idempotencyKeys: [],
  reuse: [],
  jobIndex: [],
  batches: [],
  deliveries: [],
};

const everyMs = 3600 * 1000;
const perPage = 1_000;
const mostPages = 20;
const prefixes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Each of these is read to learn when its time is over. */
const mostBatches = 500;

/**
 * @param nowMs by any clock that goes on.
 * @param random 0 to 1, 1 excluded.
 */
export function makeLookForLeftovers(
  storage: Pick<SweptStorage, keyof Leftovers>,
  nowMs: () => number,
  random: () => number = Math.random,
): (options: CallOptions) => Promise<Leftovers> {
  const look = {
    idempotencyKeys: fromAnywhere(storage.idempotencyKeys, random),
    reuse: fromAnywhere(storage.reuse, random),
    jobIndex: inTurns(storage.jobIndex),
    batches: inTurns(storage.batches, { pages: 1, perPage: mostBatches }),
    deliveries: inTurns(storage.deliveries),
  };
  let lastMs = Number.NEGATIVE_INFINITY;
  return async (options) => {
    if (nowMs() - lastMs < everyMs) return noLeftovers;
    const found = {
      idempotencyKeys: await look.idempotencyKeys(options),
      reuse: await look.reuse(options),
      jobIndex: await look.jobIndex(options),
      batches: await look.batches(options),
      deliveries: await look.deliveries(options),
    };
    lastMs = nowMs();
    return found;
  };
}

function inTurns<T>(
  documents: Pick<DocumentStore<T>, 'list'>,
  most = { pages: mostPages, perPage },
): (options: CallOptions) => Promise<ListedDocument[]> {
  let cursor: string | undefined;
  return async (options) => {
    const found: ListedDocument[] = [];
    for (let page = 0; page < most.pages; page += 1) {
      const { documents: some, cursor: next } = await documents.list(
        { cursor, limit: most.perPage },
        options,
      );
      found.push(...some);
      cursor = next;
      if (cursor === undefined) break;
    }
    return found;
  };
}

/**
 * Of documents whose names are hashes in hexadecimal. Where there are more than one page of them, they are looked at by the
 * first two digits, beginning with any: a process that never lives long would not get to the last ones otherwise.
 */
function fromAnywhere<T>(
  documents: Pick<DocumentStore<T>, 'list'>,
  random: () => number,
): (options: CallOptions) => Promise<ListedDocument[]> {
  let place = Math.floor(random() * prefixes.length);
  let cursor: string | undefined;
  return async (options) => {
    const few = await documents.list({ limit: perPage }, options);
    if (few.cursor === undefined) return [...few.documents];
    const found: ListedDocument[] = [];
    for (let walked = 0; walked < prefixes.length && found.length < mostPages * perPage; ) {
      const prefix = prefixes[place] ?? '';
      const { documents: some, cursor: next } = await documents.list(
        { prefix, cursor, limit: perPage },
        options,
      );
      found.push(...some);
      cursor = next;
      if (cursor !== undefined) continue;
      place = (place + 1) % prefixes.length;
      walked += 1;
    }
    return found;
  };
}
