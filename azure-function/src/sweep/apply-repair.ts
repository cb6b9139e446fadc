// Carries out one repair. Each looks at the record again before it does anything, and writes before it sends: done twice,
// or cut off in the middle and done again later, it does no harm.
import {
  type CallOptions,
  everyLetter,
  isDone,
  isOverdue,
  type Job,
  messageFor,
  recordFailedJob,
  transition,
} from '@impasto/shared';
import type { Repair, SweepSettings } from './plan-repairs.ts';
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
    case 'write_letter': {
      const stored = await jobs.get(repair.jobId, options);
      if (stored?.job.status !== 'failed') return false;
      await recordFailedJob(deadLetters, stored.job, options);
      return true;
    }
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
  }
}

type Change = (job: Job, ageSeconds: number) => Job;

async function change(
  { jobs }: SweptStorage,
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
  await jobs.update(jobId, noting, options);
  return changed;
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
  await storage.queue.send(messageFor(marked), options);
  return true;
}

/** The record goes first, and only if nobody replays the job at this moment; what is left then has no record. */
async function forget(
  { jobs, images, deadLetters }: SweptStorage,
  { retentionSeconds, failedRetentionSeconds }: SweepSettings,
  jobId: string,
  options: CallOptions,
): Promise<boolean> {
  const isOld = (job: Job, ageSeconds: number) =>
    isDone(job) && ageSeconds > (job.status === 'failed' ? failedRetentionSeconds : retentionSeconds);
  if (!(await jobs.delete(jobId, isOld, options))) return false;
  for (const prefix of [`inputs/${jobId}/`, `results/${jobId}/`]) {
    for await (const { key } of images.list(prefix, options)) await images.delete(key, options);
  }
  for await (const { name } of everyLetter(deadLetters, `${jobId}/`, options))
    await deadLetters.delete(name, options);
  return true;
}

async function deleteImage(
  { jobs, images }: SweptStorage,
  { jobId, key }: { readonly jobId: string; readonly key: string },
  options: CallOptions,
): Promise<boolean> {
  const job = (await jobs.get(jobId, options))?.job;
  if (job && !isNameless(job, key)) return false;
  await images.delete(key, options);
  return true;
}

/** An attempt that runs may yet name its result; once a job has ended no other name can come up for it. */
function isNameless(job: Job, key: string): boolean {
  if (!isDone(job) || !key.startsWith('results/')) return false;
  return job.status !== 'completed' || job.result.key !== key;
}
