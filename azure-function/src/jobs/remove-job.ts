// Everything that a job leaves beside its record.
import {
  type CallOptions,
  type DeadLetterStore,
  type Documents,
  everyDocument,
  everyLetter,
  type ImageStore,
  indexNameOf,
  type Job,
} from '@impasto/shared';

interface Dependencies extends Pick<Documents, 'deliveries' | 'jobIndex'> {
  readonly images: Pick<ImageStore, 'list' | 'delete'>;
  readonly deadLetters: DeadLetterStore;
}

/** What there is to find the traces of a job by. */
export type JobName = Pick<Job, 'jobId'> & Partial<Pick<Job, 'createdAt'>>;

/**
 * Deletes the job's own inputs, its results with their small pictures, dead letters, deliveries, and its entry in the
 * index; inputs that it shares with others stay. Called once the record is gone, so that nobody adds anything. Safe to
 * repeat and to cut off: what is left can be found by the id in its name, but for the entry in the index, whose name begins
 * with the date. Where that is not known any more the entry is left to a sweep.
 * @throws JobError `storage_unavailable`.
 */
export async function removeTraces(
  { images, deadLetters, deliveries, jobIndex }: Dependencies,
  { jobId, createdAt }: JobName,
  options: CallOptions = {},
): Promise<void> {
  await Promise.all([
    removePictures({ images, deadLetters }, jobId, options),
    deleteNamed(deliveries, everyDocument(deliveries, `${jobId}/`, options), options),
    createdAt !== undefined && jobIndex.delete(indexNameOf({ jobId, createdAt }), options),
  ]);
}

/**
 * The part of it that goes although the record stays: its own inputs, its results with their small pictures, and dead
 * letters.
 */
export async function removePictures(
  { images, deadLetters }: Pick<Dependencies, 'images' | 'deadLetters'>,
  jobId: string,
  options: CallOptions,
): Promise<void> {
  const own = `${jobId}/`;
  await Promise.all([
    deleteImages(images, `results/${own}`, options),
    deleteImages(images, `inputs/${own}`, options),
    deleteNamed(deadLetters, everyLetter(deadLetters, own, options), options),
  ]);
}

async function deleteImages(
  images: Dependencies['images'],
  prefix: string,
  options: CallOptions,
): Promise<void> {
  for await (const { key } of images.list(prefix, options)) await images.delete(key, options);
}

async function deleteNamed(
  store: { delete(name: string, options?: CallOptions): Promise<unknown> },
  names: AsyncIterable<{ readonly name: string }>,
  options: CallOptions,
): Promise<void> {
  for await (const { name } of names) await store.delete(name, options);
}
