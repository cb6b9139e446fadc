// I7: every image belongs to a record, and of results only the one that the record names, with its small picture.
import { type Job, thumbnailKeyOf } from '../job.ts';
import type { ListedImage } from '../ports.ts';
import type { Violation } from './report.ts';

/**
 * @param job undefined where there is no record.
 * @param orphanSeconds younger images may still find their record.
 */
export function checkImages(
  job: Job | undefined,
  images: readonly ListedImage[],
  orphanSeconds: number,
): Violation[] {
  const named = new Set(job ? [job.inputs.content, job.inputs.style, ...resultKeys(job)] : []);
  const why = job ? `the record of its ${job.status} job does not name it` : 'there is no record of its job';
  return images
    .filter(({ key, ageSeconds }) => !named.has(key) && ageSeconds >= orphanSeconds)
    .map((image) => strayImage(image, why));
}

export function strayImage({ key, bytes, ageSeconds }: ListedImage, why: string): Violation {
  const detail = `${why}; ${bytes} bytes, ${Math.round(ageSeconds)} s old`;
  return { invariant: 'I7', subject: key, detail };
}

function resultKeys(job: Job): string[] {
  return job.status === 'completed' ? [job.result.key, thumbnailKeyOf(job.result.key)] : [];
}
