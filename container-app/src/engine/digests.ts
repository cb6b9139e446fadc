// The digests of a finished picture. They are computed where the picture is painted: on tens of megabytes they take
// longer than the loop of the worker may stand still.
import { createHash } from 'node:crypto';

export interface Digests {
  /** Lower-case hex, as a job's record has it. */
  readonly sha256: string;
  /** 16 bytes, as an upload has it (Content-MD5). */
  readonly md5: Uint8Array;
}

export function digestsOf(bytes: Uint8Array): Digests {
  const hash = (algorithm: string) => createHash(algorithm).update(bytes);
  return { sha256: hash('sha256').digest('hex'), md5: hash('md5').digest() };
}
