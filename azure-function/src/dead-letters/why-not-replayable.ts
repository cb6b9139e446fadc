// Whether the job of a dead letter can be queued again, and why not.
import type { DeadLetter, ImageStore, Job } from '@impasto/shared';

type Ending = Pick<DeadLetter, 'jobId' | 'replays' | 'state'>;

/** @returns half a sentence, or undefined for a job that can be replayed. */
export async function whyNotReplayable(
  images: ImageStore,
  letter: Ending,
  job: Job | undefined,
): Promise<string | undefined> {
  if (letter.jobId === undefined) return 'it is about a message, and no job is known that it belongs to';
  if (letter.state === 'purged') return 'it was purged';
  if (!job) return 'the record of the job is no longer there';
  if (job.replays > (letter.replays ?? 0)) return `the job has been replayed since and is ${job.status}`;
  if (job.status !== 'failed') return `the job is ${job.status}`;
  return missingImages(images, job);
}

async function missingImages(images: ImageStore, job: Job): Promise<string | undefined> {
  const kept = new Set<string>();
  for await (const { key } of images.list(`inputs/${job.jobId}/`)) kept.add(key);
  const missing = Object.entries(job.inputs).filter(([, key]) => !kept.has(key));
  if (missing.length === 0) return undefined;
  return `of its images these are no longer there: ${missing.map(([name]) => name).join(', ')}`;
}
