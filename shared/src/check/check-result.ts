// I3: what the record of a completed job promises is there, whole, and is what the record says.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../errors.ts';
import { type CompletedJob, type JobResult, thumbnailKeyOf } from '../job.ts';
import type { CallOptions, ImageStore, StoredImage } from '../ports.ts';
import { contentTypes, fileExtensions } from '../submission.ts';
import type { ImageSize } from './image-size.ts';
import type { Violation } from './report.ts';

export type Decode = (bytes: Buffer, format: string) => Promise<ImageSize>;

/** At most one violation about the name, one about the image, one about the small one: the first thing that is wrong. */
export async function checkResult(
  images: Pick<ImageStore, 'get'>,
  job: CompletedJob,
  decode: Decode,
  options: CallOptions,
): Promise<Violation[]> {
  const { key } = job.result;
  const stored = await images.get(key, options);
  const wrong = stored ? await wrongWithImage(job, stored, decode) : `its result ${key} does not exist`;
  const small = stored && (await wrongWithThumbnail(images, job, options));
  const details = [wrongWithName(job), wrong, small].filter((detail) => detail !== undefined);
  return details.map((detail) => ({ invariant: 'I3', subject: job.jobId, detail }));
}

function wrongWithName({ jobId, attempt, result }: CompletedJob): string | undefined {
  const expected = { start: `results/${jobId}/${attempt}-`, end: `.${fileExtensions[result.format]}` };
  if (result.key.startsWith(expected.start) && result.key.endsWith(expected.end)) return undefined;
  return `expected a result named ${expected.start}{owner}${expected.end}, found ${result.key}`;
}

async function wrongWithThumbnail(
  images: Pick<ImageStore, 'get'>,
  { result: { key, thumbnail } }: CompletedJob,
  options: CallOptions,
): Promise<string | undefined> {
  if (!thumbnail) return undefined;
  const stored = await images.get(thumbnailKeyOf(key), options);
  stored?.body.destroy();
  if (!stored) return `its thumbnail ${thumbnailKeyOf(key)} does not exist`;
  if (stored.bytes === thumbnail.bytes && stored.contentType === contentTypes.webp) return undefined;
  return `its thumbnail is ${stored.bytes} bytes of ${stored.contentType}, the record says ${thumbnail.bytes}`;
}

async function wrongWithImage(
  job: CompletedJob,
  stored: StoredImage,
  decode: Decode,
): Promise<string | undefined> {
  const { result, parameters } = job;
  // What is too long to be the result is not read.
  if (stored.bytes !== result.bytes) {
    stored.body.destroy();
    return `its result has ${stored.bytes} bytes, the record says ${result.bytes}`;
  }
  const bytes = await buffer(stored.body);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== result.sha256) return `its result has SHA-256 ${sha256}, the record says ${result.sha256}`;
  if (stored.contentType !== contentTypes[result.format] || result.format !== parameters.outputFormat) {
    return `its result is ${stored.contentType}, the record says ${result.format}, asked for was ${parameters.outputFormat}`;
  }
  return await wrongWithSize(bytes, result, decode);
}

async function wrongWithSize(bytes: Buffer, result: JobResult, decode: Decode): Promise<string | undefined> {
  try {
    const { width, height } = await decode(bytes, result.format);
    if (width === result.width && height === result.height) return undefined;
    return `its result is ${width} x ${height}, the record says ${result.width} x ${result.height}`;
  } catch (error) {
    return `its result cannot be decoded: ${messageOf(error)}`;
  }
}
