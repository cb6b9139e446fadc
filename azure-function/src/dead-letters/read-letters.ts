// GET /api/dead-letters and GET /api/dead-letters/{id}: what ended badly, and whether it can be tried again.
import type { DeadLetterList, DeadLetterStore, ImageStore, JobStore } from '@impasto/shared';
import type { Handler } from '../http/respond.ts';
import { lookUp } from '../jobs/look-up.ts';
import { findLetters } from './find-letters.ts';
import { listQueryOf } from './forms.ts';
import { findLetter, letterIdOf } from './letter-id.ts';
import { itemView, letterView } from './views.ts';
import { whyNotReplayable } from './why-not-replayable.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
}

export function makeListDeadLetters({ deadLetters }: Pick<Dependencies, 'deadLetters'>): Handler {
  return async (request) => {
    const { letters, cursor = null } = await findLetters(deadLetters, listQueryOf(request));
    const items = letters.map((letter) => itemView(request, letter));
    return { jsonBody: { items, next_cursor: cursor } satisfies DeadLetterList };
  };
}

export function makeGetDeadLetter({ jobs, images, deadLetters }: Dependencies): Handler {
  return async (request) => {
    const found = await findLetter(deadLetters, letterIdOf(request));
    const { jobId } = found.letter;
    const job = jobId === undefined ? undefined : await lookUp(jobs, jobId, {});
    const obstacle = await whyNotReplayable(images, found.letter, job);
    return { jsonBody: letterView(request, found, obstacle) };
  };
}
