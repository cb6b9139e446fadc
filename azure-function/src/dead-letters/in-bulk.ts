// The same thing done to many open letters: a page of them, a few at a time, with the ones that had to be left out.
import {
  type BulkPurge,
  type DeadLetterStore,
  JobError,
  type ListedDeadLetter,
  messageOf,
} from '@impasto/shared';
import { bulkhead } from 'cockatiel';
import { findLetters, type LetterQuery } from './find-letters.ts';
import { idOfLetter } from './letter-id.ts';

const atATime = 8;

interface BulkOutcome extends Omit<BulkPurge, 'purged'> {
  readonly done: number;
}

/**
 * A letter that the work refuses is skipped. When the storage fails, all that was begun is waited for and the call
 * fails: to call again with the same cursor is safe, and passes over what is done.
 */
export async function inBulk(
  deadLetters: DeadLetterStore,
  query: Omit<LetterQuery, 'state'>,
  work: (letter: ListedDeadLetter) => Promise<unknown>,
): Promise<BulkOutcome> {
  const { letters, cursor = null } = await findLetters(deadLetters, { ...query, state: 'open' });
  const lanes = bulkhead(atATime, letters.length);
  const outcomes = await Promise.allSettled(letters.map((letter) => lanes.execute(() => work(letter))));
  const skipped = outcomes.flatMap((outcome, index) => {
    const letter = letters[index];
    return outcome.status === 'rejected' && letter ? [skip(letter, outcome.reason)] : [];
  });
  return { done: letters.length - skipped.length, skipped, next_cursor: cursor, more: cursor !== null };
}

/** @throws what is no fault of the letter. */
function skip(letter: ListedDeadLetter, thrown: unknown): BulkOutcome['skipped'][number] {
  if (!(thrown instanceof JobError) || thrown.code === 'storage_unavailable') throw thrown;
  return {
    id: idOfLetter(letter),
    job_id: letter.jobId ?? null,
    code: thrown.code,
    detail: messageOf(thrown),
  };
}
