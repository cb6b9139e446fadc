// Dead letters as an operator sees them.
import type { HttpRequest } from '@azure/functions';
import type { DeadLetterItem, DeadLetterView, ListedDeadLetter } from '@impasto/shared';
import { linksOf } from '../jobs/job-links.ts';
import { idOfLetter, type NamedLetter } from './letter-id.ts';

type Listed = Omit<ListedDeadLetter, 'ageSeconds'>;

export function itemView(request: HttpRequest, letter: Listed): DeadLetterItem {
  const id = idOfLetter(letter);
  const { origin } = new URL(request.url);
  return {
    id,
    job_id: letter.jobId ?? null,
    reason: letter.reason,
    state: letter.state,
    failed_at: letter.at,
    replays: letter.replays ?? null,
    dead_letter_url: `${origin}/api/dead-letters/${id}`,
    status_url: letter.jobId === undefined ? null : linksOf(request, letter.jobId).status,
  };
}

/** @param obstacle why the job cannot be replayed, if it cannot. */
export function letterView(
  request: HttpRequest,
  { name, letter }: NamedLetter,
  obstacle: string | undefined,
): DeadLetterView {
  return {
    ...itemView(request, { name, ...letter }),
    message: letter.message,
    attempt: letter.attempt ?? null,
    text: letter.text ?? null,
    replayable: obstacle === undefined,
    not_replayable_because: obstacle ?? null,
  };
}
