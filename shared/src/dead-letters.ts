// Writing down what ended badly, under names that make a second writing of the same letter harmless.
import { createHash } from 'node:crypto';
import type { Job } from './job.ts';
import type { CallOptions, DeadLetterStore, ListedDeadLetter } from './ports.ts';

const keptTextCharacters = 1024;

/** A job that is replayed and fails again has another letter. */
export function deadLetterName({ jobId, replays }: Pick<Job, 'jobId' | 'replays'>): string {
  return `${jobId}/${replays}`;
}

/** Does nothing for a job that has not failed. */
export async function recordFailedJob(
  deadLetters: DeadLetterStore,
  job: Job,
  options?: CallOptions,
): Promise<void> {
  if (job.status !== 'failed') return;
  const letter = {
    state: 'open',
    reason: job.error.code,
    jobId: job.jobId,
    attempt: job.attempt,
    replays: job.replays,
    message: job.error.message,
    at: job.completedAt,
  } as const;
  await deadLetters.record(deadLetterName(job), letter, options);
}

const badMessages = {
  bad_message: 'the text is no job message',
  record_missing: 'there is no record of this job',
  record_unreadable: 'the record of this job cannot be read',
} as const;

export type BadMessageReason = keyof typeof badMessages;

/** A message that leads to no job that can be worked on. */
export async function recordBadMessage(
  deadLetters: DeadLetterStore,
  reason: BadMessageReason,
  text: string,
): Promise<void> {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
  await deadLetters.record(`messages/${hash}`, {
    state: 'open',
    reason,
    message: badMessages[reason],
    text: text.slice(0, keptTextCharacters),
    at: new Date().toISOString(),
  });
}

const lettersPerPage = 1_000;

/** Every letter whose name starts so. A page may be short or empty and not be the last. */
export async function* everyLetter(
  deadLetters: DeadLetterStore,
  prefix: string,
  options?: CallOptions,
): AsyncGenerator<ListedDeadLetter> {
  let cursor: string | undefined;
  do {
    const page = await deadLetters.list({ prefix, limit: lettersPerPage, cursor }, options);
    yield* page.letters;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
