// A job that is completed from the start: it gets a copy of the picture under a name of its own, so that neither job
// depends on how long the other is kept.
import {
  type CompletedJob,
  contentTypes,
  fileExtensions,
  type Job,
  reusedJob,
  thumbnailKeyOf,
} from '@impasto/shared';
import { v4 as uuidv4 } from 'uuid';
import type { NamedImage } from '../submit/accept-job.ts';
import type { Painted } from './reuse-of-results.ts';

/** The job with its result, and the images to be stored for it. Its source is the job that painted, not one that was given a copy. */
export function copyOf(
  job: Job,
  painted: Painted,
): { readonly job: CompletedJob; readonly images: readonly NamedImage[] } {
  const { result, jobId, reusedFrom = jobId } = painted.job;
  const key = `results/${job.jobId}/0-${uuidv4()}.${fileExtensions[result.format]}`;
  const images = [{ key, bytes: painted.result, contentType: contentTypes[result.format] }];
  const small = painted.thumbnail && {
    key: thumbnailKeyOf(key),
    bytes: painted.thumbnail,
    contentType: contentTypes.webp,
  };
  return {
    job: reusedJob(job, { ...result, key }, reusedFrom, new Date().toISOString()),
    images: small ? [...images, small] : images,
  };
}
