// The writes that make a job, in the order that is the promise: index entry and images, record, message. A crash in
// between leaves no job that somebody was told of and that nobody will ever do.
import {
  type Documents,
  type ImageStore,
  indexNameOf,
  isDone,
  type Job,
  JobError,
  type JobQueue,
  type JobStore,
  type Logger,
  transition,
} from '@impasto/shared';
import { sendJob } from '@impasto/shared/telemetry';
import type { Claim } from '../idempotency/make-once.ts';

interface Dependencies extends Pick<Documents, 'jobIndex'> {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: Pick<JobQueue, 'send'>;
}

export interface NamedImage {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** A job that is to be taken in, with the images that are not stored yet. One that is done from the start is told to nobody. */
export interface Taking {
  readonly job: Job;
  readonly images: readonly NamedImage[];
  readonly claim: Claim;
}

export type AcceptJob = (taking: Taking, log: Logger) => Promise<Job>;

/**
 * @returns a function that takes a job in, and gives it back as it stands then: where somebody else recorded the job at the
 * same moment, that one.
 */
export function makeAcceptJob(deps: Dependencies): AcceptJob {
  return async (taking, log) => {
    const job = taking.claim.takenOver ? { ...taking.job, confirmed: true as const } : taking.job;
    let maybeRecorded = false;
    let isRecorded = false;
    try {
      await allOf([
        deps.jobIndex.create(indexNameOf(job), {}),
        ...taking.images.map(({ key, bytes, contentType }) => deps.images.put(key, bytes, contentType)),
      ]);
      maybeRecorded = true;
      await deps.jobs.create(job);
      isRecorded = true;
      if (!isDone(job)) await sendJob(deps.queue, job);
      return job;
    } catch (error) {
      const taken = await takeBack(deps, taking, maybeRecorded, log);
      if (!taken) throw error;
      // Another request was told of it already: the message that did not get through is tried once more, before a sweep does.
      if (isRecorded && !isDone(taken))
        await sendJob(deps.queue, taken).catch((cause: unknown) =>
          log.warn('job.message_not_sent', { jobId: job.jobId, error: cause }),
        );
      return taken;
    }
  };
}

/** Waits for all of them even when one fails: what is deleted afterwards must not be written later. */
export async function allOf(writes: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(writes))
    if (outcome.status === 'rejected') throw outcome.reason;
}

/**
 * The caller hears that the job was not taken, so nobody may work on it: not even if record or message did get through.
 * Its images stay where the record cannot be asked: should it be there, the sweeper sees to it that the job is done.
 * @returns the job where it is taken all the same: it has ended by now, or another request was told of it.
 */
async function takeBack(
  deps: Dependencies,
  { job, images, claim }: Taking,
  maybeRecorded: boolean,
  log: Logger,
): Promise<Job | undefined> {
  try {
    const found = maybeRecorded ? await withdraw(deps.jobs, job.jobId, claim) : undefined;
    if (found && !found.withdrawn) return found;
    // Its record may yet appear, and then its job needs the images. Whoever comes with the key goes on under the same id;
    // without one, the sweeper sees to the job or to what is left of it.
    const mayAppear = claim.takenOver || (maybeRecorded && !found);
    if (mayAppear) claim.keep();
    else if (found || (await claim.release())) await removeWritten(deps, job, images);
  } catch (error) {
    claim.keep();
    log.warn('job.withdraw_failed', { jobId: job.jobId, error });
  }
  return undefined;
}

/** @returns the record as it is now; undefined where there is none. */
async function withdraw(jobs: JobStore, jobId: string, { takenOver }: Claim): Promise<Job | undefined> {
  try {
    return await jobs.update(jobId, takenOver ? confirmed : withdrawn);
  } catch (error) {
    if (error instanceof JobError && error.code === 'job_not_found') return undefined;
    throw error;
  }
}

/** Somebody is told that the job is taken: from now on nobody can withdraw it. Of a job that has ended nothing changes. */
export function confirmed(job: Job): Job {
  return isDone(job) || job.confirmed ? job : { ...job, confirmed: true };
}

function withdrawn(job: Job): Job {
  if (isDone(job) || job.confirmed) return job;
  const { webhook: _webhook, ...rest } = transition(job, { type: 'canceled', at: new Date().toISOString() });
  return { ...rest, withdrawn: true };
}

async function removeWritten(
  { images, jobIndex }: Dependencies,
  job: Job,
  written: readonly NamedImage[],
): Promise<void> {
  await allOf([jobIndex.delete(indexNameOf(job)), ...written.map(({ key }) => images.delete(key))]);
}
