// What a caller may ask for many pictures at once, its check before anything is sent, and the body of it.
import { batchBodySchema, limits } from '../submission.ts';
import { toBase64 } from './base64.ts';
import { checkAgainst } from './check-parameters.ts';
import { StyleTransferError } from './error.ts';
import {
  checkImageSize,
  type HandlingParameters,
  parametersOnWire,
  type StyleParameters,
  styleOnWire,
} from './job-request.ts';

/** One picture of a batch; what it leaves out, it takes from the batch. */
export interface BatchItem extends StyleParameters {
  /** Place in `contentImages`, from 0. */
  readonly content: number;
  /** Place in `styleImages`, from 0. */
  readonly style: number;
}

/** Each image is sent once. Without `items` every content is painted in every style; at most 200 pictures. */
export interface BatchRequest extends StyleParameters, HandlingParameters {
  readonly contentImages: readonly Uint8Array[];
  readonly styleImages: readonly Uint8Array[];
  readonly items?: readonly BatchItem[] | undefined;
}

const parameterSchema = batchBodySchema.omit({ content_images: true, style_images: true });

/** The JSON body of a batch. @throws StyleTransferError `invalid_argument`, or `local_file` for the images. */
export function batchJson(request: BatchRequest): string {
  const { contentImages, styleImages } = request;
  const items = request.items?.map((item) => ({
    content: item.content,
    style: item.style,
    ...styleOnWire(item),
  }));
  const parameters = { ...parametersOnWire(request), items };
  checkAgainst(parameterSchema, parameters);
  checkCounts(request);
  checkImages(contentImages, 'contentImages');
  checkImages(styleImages, 'styleImages');
  checkTotal([...contentImages, ...styleImages]);
  return JSON.stringify({
    content_images: contentImages.map(toBase64),
    style_images: styleImages.map(toBase64),
    ...parameters,
  });
}

function checkCounts({ contentImages, styleImages, items }: BatchRequest): void {
  const jobs = items?.length ?? contentImages.length * styleImages.length;
  if (jobs > limits.maxBatchJobs) {
    throw invalid(`Expected at most ${limits.maxBatchJobs} pictures in a batch, received ${jobs}.`);
  }
  for (const [index, { content, style }] of (items ?? []).entries()) {
    checkPlace(content, contentImages.length, `items[${index}].content`);
    checkPlace(style, styleImages.length, `items[${index}].style`);
  }
}

function checkPlace(place: number, images: number, name: string): void {
  if (place < images) return;
  throw invalid(`Expected the place of one of ${images} images for ${name}, received ${place}.`);
}

function checkImages(images: readonly Uint8Array[], name: string): void {
  if (images.length === 0) throw invalid(`Expected at least one image for ${name}, received none.`);
  for (const [index, { length }] of images.entries()) checkImageSize(length, `${name}[${index}]`);
}

/** What a body may hold is told in characters of base64. */
function checkTotal(images: readonly Uint8Array[]): void {
  const total = images.reduce((sum, { length }) => sum + length, 0);
  const most = Math.floor((limits.maxBodyBytes * 3) / 4 / 2 ** 20) * 2 ** 20;
  if (total <= most) return;
  const message = `Expected at most ${most} bytes for all images of a batch, received ${total}.`;
  throw new StyleTransferError('local_file', message);
}

function invalid(message: string): StyleTransferError {
  return new StyleTransferError('invalid_argument', message);
}
