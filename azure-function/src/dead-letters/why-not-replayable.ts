// Whether the job of a dead letter can be queued again, and why not.
import { type DeadLetter, type ImageStore, type Job, picturesAreGone } from '@impasto/shared';

type Ending = Pick<DeadLetter, 'jobId' | 'replays' | 'state'>;

/** @returns half a sentence, or undefined for a job that can be replayed. */
export async function whyNotReplayable(
  images: ImageStore,
  letter: Ending,
  job: Job | 'gone' | undefined,
): Promise<string | undefined> {
  if (letter.jobId === undefined) return 'it is about a message, and no job is known that it belongs to';
  if (letter.state === 'purged') return 'it was purged';
  if (job === 'gone') return 'the job has been removed';
  if (!job) return 'the record of the job is no longer there';
  if (job.replays > (letter.replays ?? 0)) return `the job has been replayed since and is ${job.status}`;
  if (job.status !== 'failed') return `the job is ${job.status}`;
  if (picturesAreGone(job)) return 'its time is over';
  return missingImages(images, job);
}

/** Those of a batch are not under the job's own name. */
async function missingImages(images: ImageStore, { inputs }: Job): Promise<string | undefined> {
  const kept = new Set<string>();
  for (const folder of new Set(Object.values(inputs).map(folderOf)))
    for await (const { key } of images.list(folder)) kept.add(key);
  const missing = Object.entries(inputs).filter(([, key]) => !kept.has(key));
  if (missing.length === 0) return undefined;
  return `of its images these are no longer there: ${missing.map(([name]) => name).join(', ')}`;
}

/** `inputs/{id}/` */
function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}
