// The ids of dead letters in addresses: a job's id stands for its newest letter, `message-{hash}` for a message's.
import type { HttpRequest } from '@azure/functions';
import { type DeadLetter, type DeadLetterStore, everyLetter, JobError } from '@impasto/shared';
import { validate } from 'uuid';

const messages = { inId: 'message-', inName: 'messages/' };
export interface NamedLetter {
  readonly name: string;
  readonly letter: DeadLetter;
}

type Named = { readonly name: string; readonly jobId?: string | undefined };

export function idOfLetter({ name, jobId }: Named): string {
  return jobId ?? name.replace(messages.inName, messages.inId);
}

/** @throws JobError `dead_letter_not_found` where the path holds no id that we could have given out. */
export function letterIdOf(request: HttpRequest): string {
  const id = (request.params.id ?? '').toLowerCase();
  if (validate(id) || /^message-[0-9a-f]{32}$/.test(id)) return id;
  throw noSuchLetter(request.params.id ?? '');
}

export function isMessageId(id: string): boolean {
  return id.startsWith(messages.inId);
}

/** @throws JobError `dead_letter_not_found`. */
export async function findLetter(deadLetters: DeadLetterStore, id: string): Promise<NamedLetter> {
  const name = isMessageId(id)
    ? id.replace(messages.inId, messages.inName)
    : await newestName(deadLetters, id);
  const letter = name === undefined ? undefined : await deadLetters.get(name);
  if (name === undefined || !letter) throw noSuchLetter(id);
  return { name, letter };
}

// In the order of names 10 comes before 9, so the newest is not simply the last.
async function newestName(deadLetters: DeadLetterStore, jobId: string): Promise<string | undefined> {
  const letters = await Array.fromAsync(everyLetter(deadLetters, `${jobId}/`));
  const [newest] = letters.sort((a, b) => (b.replays ?? 0) - (a.replays ?? 0));
  return newest?.name;
}

function noSuchLetter(id: string): JobError {
  return new JobError(
    'dead_letter_not_found',
    `Expected the id of a failed job or of a message, received ${JSON.stringify(id.slice(0, 60))}`,
  );
}
