// One page of the letters that somebody asks for. The storage knows no filters, so it is looked through page by page.
import type { DeadLetterPage, DeadLetterStore, ListedDeadLetter } from '@impasto/shared';

/** Pages of the storage that one request looks through. */
const mostPages = 20;

export interface LetterQuery {
  readonly state: ListedDeadLetter['state'] | 'all';
  readonly reason?: string | undefined;
  /** Letters on the page, and on each page of the storage, at most. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Goes on until a page of the storage holds a letter that fits: taken whole, it needs no cursor into its middle.
 * @returns no letters and a cursor where there were none on so many pages and there are more.
 * @throws JobError `invalid_cursor`.
 */
export async function findLetters(deadLetters: DeadLetterStore, query: LetterQuery): Promise<DeadLetterPage> {
  let cursor = query.cursor;
  for (let pages = 1; ; pages++) {
    const page = await deadLetters.list({ cursor, limit: query.limit });
    const letters = page.letters.filter((letter) => fits(letter, query));
    if (letters.length > 0 || page.cursor === undefined || pages === mostPages) return { ...page, letters };
    cursor = page.cursor;
  }
}

function fits(letter: ListedDeadLetter, { state, reason }: LetterQuery): boolean {
  return (state === 'all' || letter.state === state) && (reason === undefined || letter.reason === reason);
}
