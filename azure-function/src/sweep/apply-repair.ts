// Carries out one repair. Each looks at the record again before it does anything, and writes before it sends: done twice,
// or cut off in the middle and done again later, it does no harm.
import {
  announce,
  type CallOptions,
  isDone,
  isOverdue,
  type Job,
  picturesAreGone,
  recordFailedJob,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { sendJob } from '@impasto/shared/telemetry';
import { lookUp } from '../jobs/look-up.ts';
import { removePictures, removeTraces } from '../jobs/remove-job.ts';
import { applyTidying } from './apply-tidying.ts';
import { isBeingTold, whatGoes } from './end-of-time.ts';
import type { Repair, SweepSettings } from './plan-repairs.ts';
import { announceAgain, deliverAgain } from './send-notices.ts';
import type { SweptStorage } from './snapshot.ts';

/** After each time that a message was sent again, twice as long; no longer than this many doublings. */
const mostDoublings = 4;

/** @returns whether there was anything to do. */
export async function applyRepair(
  storage: SweptStorage,
  settings: SweepSettings,
  repair: Repair,
  options: CallOptions,
): Promise<boolean> {
  const { jobs, deadLetters } = storage;
  switch (repair.kind) {
    case 'expire':
      return await change(storage, repair.jobId, options, expired);
    case 'lapse':
      return await lapse(storage, settings, repair.jobId, options);
    case 'resend':
      return await resend(storage, settings, repair.jobId, options);
    case 'announce':
      return await announceAgain(storage, repair.jobId, options);
    case 'deliver_again':
      return await deliverAgain(storage, settings.silentSeconds, repair.name, options);
    case 'write_letter':
      return await writeLetter(storage, repair.jobId, options);
    case 'forget':
      return await forget(storage, settings, repair.jobId, options);
    case 'delete_image':
      return await deleteImage(storage, repair, options);
    case 'close_letter':
      await deadLetters.mark(repair.name, 'replayed', options);
      return true;
    case 'delete_letter':
      await deadLetters.delete(repair.name, options);
      return true;
    case 'purge_note':
      await jobs.purge(repair.jobId, options);
      return true;
    default:
      return await applyTidying(storage, settings, repair, options);
  }
}

type Change = (job: Job, ageSeconds: number) => Job;

/** Where that is the end of the job, whoever wants to know is told. */
async function change(
  { jobs, notices }: SweptStorage,
  jobId: string,
  options: CallOptions,
  next: Change,
): Promise<boolean> {
  let changed = false;
  const noting: Change = (job, ageSeconds) => {
    const after = next(job, ageSeconds);
    changed = after !== job;
    return after;
  };
  const job = await jobs.update(jobId, noting, options);
  if (changed && isDone(job)) await announce(notices, job, options);
  return changed;
}

async function writeLetter(
  { jobs, deadLetters }: SweptStorage,
  jobId: string,
  options: CallOptions,
): Promise<boolean> {
  const job = await lookUp(jobs, jobId, options);
  if (job === undefined || job === 'gone' || job.status !== 'failed' || picturesAreGone(job)) return false;
  await recordFailedJob(deadLetters, job, options);
  return true;
}

function expired(job: Job): Job {
  const now = new Date();
  if (!isOverdue(job, now)) return job;
  return transition(job, { type: 'expired', at: now.toISOString() });
}

/** The claim of a worker that went silent ends; its message comes back by itself, or is found to be lost later. */
async function lapse(
  storage: SweptStorage,
  { silentSeconds }: SweepSettings,
  jobId: string,
  options: CallOptions,
): Promise<boolean> {
  const at = new Date().toISOString();
  return await change(storage, jobId, options, (job, ageSeconds) =>
    ageSeconds > silentSeconds ? transition(job, { type: 'lapsed', at }) : job,
  );
}

/** The mark in the record comes first: two sweeps, or one that is cut off here, send no storm of messages. */
async function resend(
  storage: SweptStorage,
  { silentSeconds }: SweepSettings,
  jobId: string,
  options: CallOptions,
): Promise<boolean> {
  let marked: Job | undefined;
  const marking: Change = (job, ageSeconds) => {
    const pauseSeconds = silentSeconds * 2 ** Math.min(job.resends, mostDoublings);
    const after = ageSeconds > pauseSeconds ? transition(job, { type: 'resent' }) : job;
    marked = after === job ? undefined : after;
    return after;
  };
  await storage.jobs.update(jobId, marking, options);
  if (!marked) return false;
  await sendJob(storage.queue, marked, options);
  return true;
}

/** The record goes first, and only if nobody replays the job at this moment; what is left then has no record. */
async function forget(
  storage: SweptStorage,
  settings: SweepSettings,
  jobId: string,
  options: CallOptions,
): Promise<boolean> {
  const found = await lookUp(storage.jobs, jobId, options);
  if (found === undefined || found === 'gone') return false;
  const isTold = !(await isBeingTold(storage.deliveries, found, options));
  let forgotten: Job | undefined;
  const goes = (job: Job, ageSeconds: number) => {
    if (!isDone(job)) return 'nothing';
    return whatGoes({ ...job, picturesAreGone: picturesAreGone(job) }, ageSeconds, !isTold, settings);
  };
  const isOld = (job: Job, ageSeconds: number) => {
    forgotten = job;
    return goes(job, ageSeconds) === 'everything';
  };
  const isGone = await storage.jobs.delete(jobId, isOld, options);
  if (!isGone) return await keepRecord(storage, jobId, (...now) => goes(...now) === 'pictures', options);
  if (!forgotten) return false;
  await removeTraces(storage, forgotten, options);
  return true;
}

/** The note comes first: of pictures that it speaks of nobody expects anything. */
async function keepRecord(
  storage: SweptStorage,
  jobId: string,
  isOver: (job: Job, ageSeconds: number) => boolean,
  options: CallOptions,
): Promise<boolean> {
  const picturesRemovedAt = new Date().toISOString();
  let noted = false;
  await storage.jobs.update(
    jobId,
    (job, ageSeconds) => {
      noted = isOver(job, ageSeconds);
      return noted ? ({ ...job, picturesRemovedAt } as Job) : job;
    },
    options,
  );
  if (noted) await removePictures(storage, jobId, options);
  return noted;
}

async function deleteImage(
  { jobs, images, batches }: SweptStorage,
  { id, key }: { readonly id: string; readonly key: string },
  options: CallOptions,
): Promise<boolean> {
  const job = await lookUp(jobs, id, options);
  const isKept = job === undefined ? (await batches.get(id, options)) !== undefined : !isNameless(job, key);
  if (isKept) return false;
  await images.delete(key, options);
  return true;
}

/** An attempt that runs may yet name its result; once a job has ended no other name can come up for it. */
function isNameless(job: Job | 'gone', key: string): boolean {
  if (job === 'gone' || picturesAreGone(job)) return true;
  if (!isDone(job) || !key.startsWith('results/')) return false;
  if (job.status !== 'completed') return true;
  return key !== job.result.key && key !== thumbnailKeyOf(job.result.key);
}
