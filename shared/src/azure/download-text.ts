// A small blob read whole, with what its next change has to name.
import { text } from 'node:stream/consumers';
import type { BlobClient } from '@azure/storage-blob';
import type { CallOptions } from '../ports.ts';
import { limited } from './call-limits.ts';
import { secondsBetween } from './storage-errors.ts';

export interface DownloadedText {
  readonly text: string;
  readonly etag: string;
  /** Seconds since it was written, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

/** @throws the SDK's own error, also where there is no such blob. */
export async function downloadText(blob: BlobClient, options: CallOptions): Promise<DownloadedText> {
  const answer = await blob.download(0, undefined, limited(options));
  if (!answer.readableStreamBody) throw new Error('the answer has no body');
  return {
    text: await text(answer.readableStreamBody),
    etag: answer.etag ?? '',
    ageSeconds: secondsBetween(answer.lastModified, answer.date),
  };
}
