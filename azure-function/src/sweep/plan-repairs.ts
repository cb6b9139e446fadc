// What is to be put right, as a pure function of what a sweep has seen. Whoever carries it out looks again first: between
// the listing and the repair anything may have happened.
import {
  deadLetterName,
  deliveryIdOf,
  deliveryName,
  eventOf,
  isOverdue,
  type JobSummary,
  type ListedDeadLetter,
  type ListedImage,
  type RetentionSettings,
  thumbnailKeyOf,
} from '@impasto/shared';
import { whatGoes } from './end-of-time.ts';
import { jobIdInDeliveryName, type Tidying } from './plan-tidying.ts';
import type { Snapshot } from './snapshot.ts';

export interface SweepSettings extends RetentionSettings {
  /** An open job whose record nobody has written to for so long is looked after; at least three lease times. */
  readonly silentSeconds: number;
  /** Images without a record are kept for so long: their submission may still be under way. */
  readonly orphanSeconds: number;
  /** That there was such a job, or such a batch, is known for so long after it has been removed. */
  readonly tombstoneHours: number;
}

export type Repair =
  | {
      readonly kind: 'expire' | 'lapse' | 'resend' | 'forget' | 'write_letter' | 'announce' | 'purge_note';
      readonly jobId: string;
    }
  | { readonly kind: 'delete_image'; readonly id: string; readonly key: string }
  | { readonly kind: 'close_letter' | 'delete_letter' | 'deliver_again'; readonly name: string }
  | Tidying;

/** @param now for deadlines. */
export function planRepairs(snapshot: Snapshot, settings: SweepSettings, now: Date): Repair[] {
  const jobs = [...snapshot.jobs.values()];
  const told = jobsBeingTold(snapshot);
  // Somebody waits for the open ones; what has ended can wait for another sweep.
  return [
    ...jobs.filter(isOpen).flatMap((job) => ofOpenJob(job, snapshot, settings, now)),
    ...ofNotices(snapshot, settings, now),
    ...jobs.filter((job) => !isOpen(job)).flatMap((job) => ofEndedJob(job, told, snapshot, settings)),
    ...[...snapshot.letters].flatMap(([jobId, letters]) => ofLetters(jobId, letters, snapshot, settings)),
    ...[...snapshot.images].flatMap(([id, images]) => ofImages(id, images, snapshot, settings)),
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

/** Nothing is sent again while messages wait for somebody to take them: theirs may be among them. */
function ofNotices({ jobs, notices }: Snapshot, { silentSeconds }: SweepSettings, now: Date): Repair[] {
  if (notices.oldestSeconds > silentSeconds) return [];
  const isUntold = (job: JobSummary) => {
    const event = eventOf(job);
    if (isOpen(job) || !event || !job.webhookEvents?.includes(event)) return false;
    const { jobId } = job;
    const name = deliveryName({ jobId, deliveryId: deliveryIdOf(event, job) });
    return job.ageSeconds > silentSeconds && !notices.deliveries.has(name);
  };
  const lateMs = now.getTime() - silentSeconds * 1000;
  const late = [...notices.deliveries.values()].filter(
    ({ label }) => label !== undefined && Date.parse(label) < lateMs,
  );
  return [
    ...[...jobs.values()].filter(isUntold).map(({ jobId }) => ({ kind: 'announce', jobId }) as const),
    ...late.map(({ name }) => ({ kind: 'deliver_again', name }) as const),
  ];
}

/** Ids of the jobs with a delivery that is pending. */
function jobsBeingTold({ notices }: Snapshot): Set<string> {
  const pending = [...notices.deliveries.values()].filter(({ label }) => label !== undefined);
  return new Set(pending.map(({ name }) => jobIdInDeliveryName(name)));
}

function ofEndedJob(
  job: JobSummary,
  told: ReadonlySet<string>,
  { letters }: Snapshot,
  settings: SweepSettings,
): Repair[] {
  const { jobId, status, ageSeconds } = job;
  if (status === 'gone')
    return ageSeconds > settings.tombstoneHours * 3600 ? [{ kind: 'purge_note', jobId }] : [];
  const failed = status === 'failed';
  if (whatGoes(job, ageSeconds, told.has(jobId), settings) !== 'nothing') return [{ kind: 'forget', jobId }];
  if (job.picturesAreGone) return [];
  const hasLetter = letters.get(jobId)?.some(({ name }) => name === deadLetterName(job));
  return failed && !hasLetter ? [{ kind: 'write_letter', jobId }] : [];
}

/** @param id of a job or a batch. */
function ofImages(
  id: string,
  images: readonly ListedImage[],
  { jobs, batches }: Snapshot,
  { orphanSeconds, silentSeconds }: SweepSettings,
): Repair[] {
  const job = jobs.get(id);
  const isOrphan = ({ key, ageSeconds }: ListedImage): boolean => {
    if (!job) return !batches.has(id) && ageSeconds > orphanSeconds;
    // Whoever removed the record is removing these, too.
    if (isOver(job)) return job.ageSeconds > silentSeconds;
    if (isOpen(job) || !key.startsWith('results/')) return false;
    return !isNamed(job, key) && ageSeconds > silentSeconds;
  };
  return images.filter(isOrphan).map(({ key }) => ({ kind: 'delete_image', id, key }));
}

function isOver({ status, picturesAreGone }: JobSummary): boolean {
  return status === 'gone' || picturesAreGone === true;
}

function isNamed({ resultKey }: JobSummary, key: string): boolean {
  return resultKey !== undefined && (key === resultKey || key === thumbnailKeyOf(resultKey));
}

function ofLetters(
  jobId: string,
  letters: readonly ListedDeadLetter[],
  { jobs }: Snapshot,
  { failedRetentionHours, silentSeconds }: SweepSettings,
): Repair[] {
  const job = jobs.get(jobId);
  return letters.flatMap(({ name, state, replays, ageSeconds }): Repair[] => {
    if (!job) return ageSeconds > failedRetentionHours * 3600 ? [{ kind: 'delete_letter', name }] : [];
    if (isOver(job)) return job.ageSeconds > silentSeconds ? [{ kind: 'delete_letter', name }] : [];
    // Somebody replayed the job and ended before saying so.
    const wasReplayed = state === 'open' && replays !== undefined && replays < job.replays;
    return wasReplayed ? [{ kind: 'close_letter', name }] : [];
  });
}
