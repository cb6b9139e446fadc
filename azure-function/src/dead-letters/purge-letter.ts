// Throws a dead letter away. Images go first, the mark is last: a letter stays open until nothing is left to do.
import type { DeadLetterStore, ImageStore, JobStore, ListedDeadLetter } from '@impasto/shared';
import { lookUp } from '../jobs/look-up.ts';

export interface PurgeDependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
}

type Purgeable = Pick<ListedDeadLetter, 'name' | 'jobId' | 'replays'>;

/**
 * A message's letter is deleted. A job's is marked, the images that only it has are deleted, and its record stays as it is: failed.
 * Images of a job that has been replayed since are left to it. Doing it again does nothing more.
 */
export async function purgeLetter(
  deps: PurgeDependencies,
  { name, jobId, replays }: Purgeable,
): Promise<void> {
  if (jobId === undefined) {
    await deps.deadLetters.delete(name);
    return;
  }
  const job = await lookUp(deps.jobs, jobId, {});
  const isGone = job === undefined || job === 'gone';
  const isItsEnd = !isGone && job.status === 'failed' && job.replays === (replays ?? 0);
  if (isGone || isItsEnd) await deleteImages(deps.images, `inputs/${jobId}/`);
  await deps.deadLetters.mark(name, 'purged');
}

async function deleteImages(images: ImageStore, prefix: string): Promise<void> {
  for await (const { key } of images.list(prefix)) await images.delete(key);
}
