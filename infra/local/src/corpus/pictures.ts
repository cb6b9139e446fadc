// The pictures of the corpus, as small as files can be, and submissions made of them.
import { flatJpeg, tinyPng } from '@impasto/shared/testing/pictures';

export const png = tinyPng(32, 24);
export const jpeg = flatJpeg(16, [90, 60, 30]);

export const pngText = png.toString('base64');

export const good = { content_image: pngText, style_image: pngText };

/** A good submission but for these fields, as JSON. */
export function jobWith(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...good, ...changes });
}

/** A good submission with this text, such as `"seed":1e400`, where JSON.stringify would not write it so. */
export function jobAnd(members: string): string {
  return `${JSON.stringify(good).slice(0, -1)},${members}}`;
}
