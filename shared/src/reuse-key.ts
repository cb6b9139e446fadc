// What makes two jobs the same picture.
import { createHash } from 'node:crypto';
import type { JobParameters } from './submission.ts';

export interface Picture {
  /** Whose it is: a result is never given to another. Empty while there is only one. */
  readonly owner: string;
  readonly contentSha256: string;
  readonly styleSha256: string;
  /** Name and version, such as `impasto-v1@1.0.0`. */
  readonly model: string;
  readonly parameters: JobParameters;
}

/** SHA-256 in hexadecimal over the fields, each in its place. */
export function reuseKey({ owner, contentSha256, styleSha256, model, parameters }: Picture): string {
  const inOrder = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(['v1', owner, contentSha256, styleSha256, model, inOrder]);
  return createHash('sha256').update(text).digest('hex');
}
