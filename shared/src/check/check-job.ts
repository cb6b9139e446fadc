// Everything that is asked of one job: its record is read, and held against all else that there is about it.
import { isDone, type Job } from '../job.ts';
import type { CallOptions, DeadLetterStore, ImageStore, ListedDeadLetter, StoredJob } from '../ports.ts';
import { picturesAreGone } from '../retention.ts';
import type { CaseFile } from './case-files.ts';
import { checkImages, strayImage } from './check-images.ts';
import { checkFailure, checkNoLetters, checkOtherLetters } from './check-letters.ts';
import { checkCounts, checkNoResult, checkQuiet } from './check-record.ts';
import { checkResult, type Decode } from './check-result.ts';
import { checkViews } from './check-views.ts';
import type { JobView, Violation } from './report.ts';

export interface JobCheck {
  readonly images: Pick<ImageStore, 'get'>;
  readonly deadLetters: Pick<DeadLetterStore, 'list'>;
  /** Whether all work is over; else the dead letter of a job that just failed may still be on its way. */
  readonly atRest: boolean;
  readonly maxOpenSeconds: number;
  readonly orphanSeconds: number;
  readonly decode: Decode;
  readonly quiet: boolean;
  readonly call: CallOptions;
}

/** Where the worker did not write the letter, the sweeper does within a minute or two. */
const settlingSeconds = 180;
/** By then the sweeper has come to what was left of a job whose time is over. */
const clearingSeconds = 600;

export async function checkJob(
  check: JobCheck,
  stored: StoredJob,
  file: CaseFile,
  views: readonly JobView[],
): Promise<Violation[]> {
  const { job } = stored;
  return [
    ...checkOpen(check, stored, file),
    ...(await checkPictures(check, stored, file)),
    ...(await checkLetters(check, stored, file)),
    ...checkNoResult(job),
    ...checkCounts(job),
    ...checkViews(job, views),
    ...(check.quiet ? checkQuiet(job) : []),
  ];
}

/** Where the time of the job is over, none of its own may be left. */
async function checkPictures(check: JobCheck, stored: StoredJob, file: CaseFile): Promise<Violation[]> {
  const { job, ageSeconds } = stored;
  if (picturesAreGone(job)) {
    const isSettling = !check.atRest && ageSeconds < clearingSeconds;
    return isSettling ? [] : file.images.map((image) => strayImage(image, 'the time of its job is over'));
  }
  const result =
    job.status === 'completed' && (await checkResult(check.images, job, check.decode, check.call));
  return [...(result || []), ...checkImages(job, file.images, check.orphanSeconds)];
}

function checkOpen({ maxOpenSeconds }: JobCheck, stored: StoredJob, file: CaseFile): Violation[] {
  const { job } = stored;
  const seconds = secondsOpen(stored, file);
  if (isDone(job) || seconds < maxOpenSeconds) return [];
  const detail = `${job.status} (attempt ${job.attempt}) for at least ${Math.round(seconds)} s, expected less than ${maxOpenSeconds} s`;
  return [{ invariant: 'I1', subject: job.jobId, detail }];
}

/** By the storage's clock alone: the images were stored with the job, unless it was replayed since. */
function secondsOpen({ job, ageSeconds }: StoredJob, { images }: CaseFile): number {
  if (job.replays > 0) return ageSeconds;
  const inputs = images.filter(({ key }) => key === job.inputs.content || key === job.inputs.style);
  return Math.max(ageSeconds, ...inputs.map((image) => image.ageSeconds));
}

async function checkLetters(
  check: JobCheck,
  { job, ageSeconds }: StoredJob,
  file: CaseFile,
): Promise<Violation[]> {
  const settling = picturesAreGone(job) ? clearingSeconds : settlingSeconds;
  if (!check.atRest && ageSeconds < settling) return [];
  if (wrongWithLetters(job, file.letters).length === 0) return [];
  // The record may have changed since the letters were listed: only what is wrong still counts.
  const { letters } = await check.deadLetters.list({ prefix: `${job.jobId}/`, limit: 1_000 }, check.call);
  return wrongWithLetters(job, letters);
}

function wrongWithLetters(job: Job, letters: readonly ListedDeadLetter[]): Violation[] {
  if (picturesAreGone(job)) return checkNoLetters(job, letters);
  const own = letters.find(({ name }) => name === `${job.jobId}/${job.replays}`);
  return [...checkFailure(job, own), ...checkOtherLetters(job, letters)];
}
