// What is to be put right, as a pure function of what a sweep has seen. Whoever carries it out looks again first: between
// the listing and the repair anything may have happened.
import {
  deadLetterName,
  isOverdue,
  type JobSummary,
  type ListedDeadLetter,
  type ListedImage,
} from '@impasto/shared';
import type { Snapshot } from './snapshot.ts';

export interface SweepSettings {
  /** An open job whose record nobody has written to for so long is looked after; at least three lease times. */
  readonly silentSeconds: number;
  /** Images without a record are kept for so long: their submission may still be under way. */
  readonly orphanSeconds: number;
  /** How long a job that has ended is kept, with its images; a failed one has its own time, to be replayed in. */
  readonly retentionSeconds: number;
  readonly failedRetentionSeconds: number;
}

export type Repair =
  | { readonly kind: 'expire' | 'lapse' | 'resend' | 'forget' | 'write_letter'; readonly jobId: string }
  | { readonly kind: 'delete_image'; readonly jobId: string; readonly key: string }
  | { readonly kind: 'close_letter' | 'delete_letter'; readonly name: string };

/** @param now for deadlines. */
export function planRepairs(snapshot: Snapshot, settings: SweepSettings, now: Date): Repair[] {
  const jobs = [...snapshot.jobs.values()];
  // Somebody waits for the open ones; what has ended can wait for another sweep.
  return [
    ...jobs.filter(isOpen).flatMap((job) => ofOpenJob(job, snapshot, settings, now)),
    ...jobs.filter((job) => !isOpen(job)).flatMap((job) => ofEndedJob(job, snapshot, settings)),
    ...[...snapshot.letters].flatMap(([jobId, letters]) => ofLetters(jobId, letters, snapshot, settings)),
    ...[...snapshot.images].flatMap(([jobId, images]) => ofImages(jobId, images, snapshot, settings)),
  ];
}

function isOpen({ status }: JobSummary): boolean {
  return status === 'queued' || status === 'processing';
}

function ofOpenJob(
  job: JobSummary,
  { waiting }: Snapshot,
  { silentSeconds }: SweepSettings,
  now: Date,
): Repair[] {
  const { jobId, status, ageSeconds } = job;
  if (status === 'queued' && isOverdue(job, now)) return [{ kind: 'expire', jobId }];
  if (ageSeconds <= silentSeconds) return [];
  if (status === 'processing') return [{ kind: 'lapse', jobId }];
  // A message sent with the record's last change would by now be ahead of everything younger; so a head that is
  // younger than the record, by more than sending takes, says that the message is gone. Behind an older head it waits.
  const margin = silentSeconds / 3;
  const isLost = !waiting.jobIds.has(jobId) && waiting.oldestSeconds < ageSeconds - margin;
  return isLost ? [{ kind: 'resend', jobId }] : [];
}

function ofEndedJob(job: JobSummary, { letters }: Snapshot, settings: SweepSettings): Repair[] {
  const { jobId, status, ageSeconds } = job;
  const failed = status === 'failed';
  const keptSeconds = failed ? settings.failedRetentionSeconds : settings.retentionSeconds;
  if (ageSeconds > keptSeconds) return [{ kind: 'forget', jobId }];
  const hasLetter = letters.get(jobId)?.some(({ name }) => name === deadLetterName(job));
  return failed && !hasLetter ? [{ kind: 'write_letter', jobId }] : [];
}

function ofImages(
  jobId: string,
  images: readonly ListedImage[],
  { jobs }: Snapshot,
  { orphanSeconds, silentSeconds }: SweepSettings,
): Repair[] {
  const job = jobs.get(jobId);
  const isOrphan = ({ key, ageSeconds }: ListedImage): boolean => {
    if (!job) return ageSeconds > orphanSeconds;
    if (isOpen(job) || !key.startsWith('results/')) return false;
    return job.resultKey !== key && ageSeconds > silentSeconds;
  };
  return images.filter(isOrphan).map(({ key }) => ({ kind: 'delete_image', jobId, key }));
}

function ofLetters(
  jobId: string,
  letters: readonly ListedDeadLetter[],
  { jobs }: Snapshot,
  { failedRetentionSeconds }: SweepSettings,
): Repair[] {
  const job = jobs.get(jobId);
  return letters.flatMap(({ name, state, replays, ageSeconds }): Repair[] => {
    if (!job) return ageSeconds > failedRetentionSeconds ? [{ kind: 'delete_letter', name }] : [];
    // Somebody replayed the job and ended before saying so.
    const wasReplayed = state === 'open' && replays !== undefined && replays < job.replays;
    return wasReplayed ? [{ kind: 'close_letter', name }] : [];
  });
}
