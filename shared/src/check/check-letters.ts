// I4: every job that failed has its one dead letter and a reason from the list, and no other job has any.
import { deadLetterName } from '../dead-letters.ts';
import { isErrorCode } from '../errors.ts';
import type { Job } from '../job.ts';
import type { DeadLetter, ListedDeadLetter } from '../ports.ts';
import type { Violation } from './report.ts';

type Letter = Pick<DeadLetter, 'state' | 'reason'>;

/** @param own the letter of the end that the record tells of. */
export function checkFailure(job: Job, own: Letter | undefined): Violation[] {
  if (job.status !== 'failed') return [];
  const { code } = job.error;
  const details: string[] = [];
  if (!isErrorCode(code)) details.push(`expected an error code from the list, found ${JSON.stringify(code)}`);
  if (!own) details.push(`a failed job has no dead letter ${deadLetterName(job)}`);
  else if (own.state === 'replayed')
    details.push(`dead letter ${deadLetterName(job)} is marked replayed, its job was not replayed`);
  else if (own.reason !== code)
    details.push(`dead letter ${deadLetterName(job)} says ${own.reason}, the record ${code}`);
  return details.map((detail) => ({ invariant: 'I4', subject: job.jobId, detail }));
}

/** Of a job whose time is over. */
export function checkNoLetters({ jobId }: Job, letters: readonly ListedDeadLetter[]): Violation[] {
  return letters.map(({ name }) => ({
    invariant: 'I4',
    subject: jobId,
    detail: `dead letter ${name} is about a job whose time is over`,
  }));
}

/** Letters that the job has no use for: of an end that it never had, or of an earlier one that nobody closed. */
export function checkOtherLetters(job: Job, letters: readonly ListedDeadLetter[]): Violation[] {
  const own = job.status === 'failed' ? deadLetterName(job) : undefined;
  const earlier = new Set(Array.from({ length: job.replays }, (_, replays) => `${job.jobId}/${replays}`));
  return letters
    .filter(({ name, state }) => name !== own && !(earlier.has(name) && state === 'replayed'))
    .map(({ name, state }) => ({
      invariant: 'I4',
      subject: job.jobId,
      detail: `a ${job.status} job with ${job.replays} replays has dead letter ${name} in state ${state}`,
    }));
}
