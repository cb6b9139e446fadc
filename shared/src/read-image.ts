// A stored image read whole.
import { buffer } from 'node:stream/consumers';
import { JobError } from './errors.ts';
import type { CallOptions, ImageStore } from './ports.ts';

/**
 * @returns undefined where there is no such image.
 * @throws JobError `storage_unavailable`, also when the connection breaks off in the middle: that is as much an outage
 * as one that never came about.
 */
export async function readImage(
  images: ImageStore,
  key: string,
  options: CallOptions = {},
): Promise<Buffer | undefined> {
  const image = await images.get(key, options);
  if (!image) return undefined;
  try {
    return await buffer(image.body);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new JobError('storage_unavailable', `${key} broke off while it was read`, { cause: error });
  }
}
