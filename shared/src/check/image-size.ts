// Format and size of a result, from its header: enough to see that a picture is there, without decoding it.
import probe from 'probe-image-size/sync.js';
import { outputFormats } from '../submission.ts';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** @throws Error when the bytes do not begin as this format does. */
export async function readImageSize(bytes: Buffer, format: string): Promise<ImageSize> {
  const known = outputFormats.find((name) => name === format);
  const size = known && probe.parsers[known](bytes);
  if (size) return { width: size.width, height: size.height };
  throw new Error(`expected the header of a ${format} file, received another`);
}
