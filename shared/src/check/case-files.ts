// Everything that the storage holds about one job, brought together. The listings of records, images and dead letters
// all come in the order of job ids, so they are read side by side, a page of each at a time.
import type {
  CallOptions,
  DeadLetterStore,
  ImageStore,
  JobStore,
  JobSummary,
  ListedDeadLetter,
  ListedImage,
} from '../ports.ts';

export interface CaseFile {
  readonly jobId: string;
  /** What the listing of records had of it. */
  readonly listed: JobSummary | undefined;
  readonly images: readonly ListedImage[];
  readonly letters: readonly ListedDeadLetter[];
}

export interface Listings {
  readonly jobs: Pick<JobStore, 'list'>;
  readonly images: Pick<ImageStore, 'list'>;
  readonly deadLetters: Pick<DeadLetterStore, 'list'>;
}

const lettersPerPage = 1_000;

/** In the order of ids. What no record belongs to has a file, too. */
export async function* caseFiles(storage: Listings, options: CallOptions): AsyncGenerator<CaseFile> {
  const records = cursorOver(storage.jobs.list(options), ({ jobId }) => jobId);
  const inputs = cursorOver(storage.images.list('inputs/', options), ({ key }) => idInKey(key));
  const results = cursorOver(storage.images.list('results/', options), ({ key }) => idInKey(key));
  const letters = cursorOver(jobLetters(storage.deadLetters, options), ({ name }) => idInName(name));
  const cursors = [records, inputs, results, letters];
  try {
    await Promise.all(cursors.map((cursor) => cursor.start()));
    for (let jobId = firstId(cursors); jobId !== undefined; jobId = firstId(cursors)) {
      const [listed] = await records.take(jobId);
      const images = [...(await inputs.take(jobId)), ...(await results.take(jobId))];
      yield { jobId, listed, images, letters: await letters.take(jobId) };
    }
  } finally {
    await Promise.allSettled(cursors.map((cursor) => cursor.close()));
  }
}

interface Cursor {
  /** The id that the next item belongs to; none at the end. */
  readonly jobId: () => string | undefined;
  start(): Promise<void>;
  close(): Promise<void>;
}

interface ItemCursor<Item> extends Cursor {
  /** The items that belong to this id, if they are the next. */
  take(jobId: string): Promise<Item[]>;
}

function cursorOver<Item>(items: AsyncIterable<Item>, idOf: (item: Item) => string): ItemCursor<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let next: Item | undefined;
  const advance = async () => {
    const step = await iterator.next();
    next = step.done ? undefined : step.value;
  };
  return {
    jobId: () => next && idOf(next),
    start: advance,
    async take(jobId) {
      const taken: Item[] = [];
      while (next !== undefined && idOf(next) === jobId) {
        taken.push(next);
        await advance();
      }
      return taken;
    },
    async close() {
      await iterator.return?.();
    },
  };
}

function firstId(cursors: readonly Cursor[]): string | undefined {
  const ids = cursors.map((cursor) => cursor.jobId()).filter((id) => id !== undefined);
  return ids.reduce<string | undefined>(
    (first, id) => (first === undefined || id < first ? id : first),
    undefined,
  );
}

/** `inputs/{id}/content` */
function idInKey(key: string): string {
  return key.split('/')[1] ?? '';
}

/** `{id}/{replays}` */
function idInName(name: string): string {
  return name.split('/')[0] ?? '';
}

/** Letters about jobs. Those about messages that were no job of ours belong to nobody. */
async function* jobLetters(
  deadLetters: Pick<DeadLetterStore, 'list'>,
  options: CallOptions,
): AsyncGenerator<ListedDeadLetter> {
  let cursor: string | undefined;
  do {
    const page = await deadLetters.list({ cursor, limit: lettersPerPage }, options);
    yield* page.letters.filter(({ name }) => !name.startsWith('messages/'));
    cursor = page.cursor;
  } while (cursor !== undefined);
}
