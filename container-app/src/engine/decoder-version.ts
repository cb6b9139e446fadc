// Whether the decoders that this process was installed with are safe to give pictures of strangers to.
import { JobError } from '@impasto/shared';
import sharp from 'sharp';

/** Before it, the GIF, TIFF and .v decoders have known holes: GHSA-f88m-g3jw-g9cj. */
const least = [0, 35, 0];

/** @throws JobError `model_unavailable` for a sharp that is too old, however it came to be installed. */
export function assertSafeDecoder(version: string | undefined = sharp.versions.sharp): void {
  const parts = (version ?? '').split('.').map(Number);
  const differing = least.findIndex((part, index) => part !== parts[index]);
  if (differing < 0 || (parts[differing] ?? 0) > (least[differing] ?? 0)) return;
  throw new JobError(
    'model_unavailable',
    `Expected sharp ${least.join('.')} or later for decoding pictures, received ${version}; run npm ci`,
  );
}
