// The writes of one job of a batch whose images are there: index entry, record, message. Unlike a job that comes alone it
// is not taken back by itself: that is up to its batch.
import {
  announce,
  type Documents,
  type ImageStore,
  indexNameOf,
  isDone,
  type Job,
  type JobQueue,
  type JobStore,
  type Logger,
  transition,
} from '@impasto/shared';
import { sendJob } from '@impasto/shared/telemetry';
import { lookUp } from '../jobs/look-up.ts';
import { copyOf } from '../reuse/copy-of.ts';
import type { ReuseOfResults } from '../reuse/reuse-of-results.ts';
import { allOf, type NamedImage } from '../submit/accept-job.ts';
import type { Submission } from '../submit/submission-form.ts';
import { pictureOf } from '../submit/take-in-job.ts';

export interface AddDependencies extends Pick<Documents, 'jobIndex'> {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: Pick<JobQueue, 'send'>;
  readonly notices: JobQueue;
  readonly results: ReuseOfResults;
}

export interface Addition {
  readonly job: Job;
  readonly submission: Submission;
  /** The jobs that have painted the same picture. */
  readonly source: readonly string[];
}

/** @returns the job as it is recorded: completed at once where the picture could be copied. */
export async function addJob(deps: AddDependencies, addition: Addition, log: Logger): Promise<Job> {
  const { job, submission, source } = addition;
  const picture = pictureOf(submission);
  if (picture) {
    const copied = await deps.results.withPainted(source, picture, log, async (painted) => {
      const copy = copyOf(job, painted);
      await record(deps, copy.job, copy.images);
      return copy.job;
    });
    if (copied) {
      // The sweeper finds what nobody was told of.
      await announce(deps.notices, copied).catch((error: unknown) =>
        log.warn('job.announce_failed', { jobId: copied.jobId, error }),
      );
      return copied;
    }
  }
  await record(deps, job, []);
  if (picture) await deps.results.note(picture, job.jobId, await deps.results.known(picture, log), log);
  return job;
}

async function record(deps: AddDependencies, job: Job, images: readonly NamedImage[]): Promise<void> {
  await allOf([
    deps.jobIndex.create(indexNameOf(job), {}),
    ...images.map(({ key, bytes, contentType }) => deps.images.put(key, bytes, contentType)),
  ]);
  await createOnce(deps.jobs, job);
  if (!isDone(job)) await sendJob(deps.queue, job);
}

/** Where another request goes on with the same batch, the first of the two to come records the job. */
async function createOnce(jobs: JobStore, job: Job): Promise<void> {
  try {
    await jobs.create(job);
  } catch (error) {
    if ((await lookUp(jobs, job.jobId, {})) === undefined) throw error;
  }
}

/**
 * For who goes on with a batch that broke off. Of a job that nobody has begun the message is sent once more: one too many
 * does no harm.
 * @returns whether the job is there, or was.
 */
export async function goOnWithJob({ jobs, queue }: AddDependencies, jobId: string): Promise<boolean> {
  const job = await lookUp(jobs, jobId, {});
  if (job === undefined) return false;
  if (job === 'gone' || job.status !== 'queued' || job.attempt > 0 || job.resends > 0) return true;
  await sendJob(queue, job);
  await jobs.update(jobId, (now) => transition(now, { type: 'resent' }));
  return true;
}
