// Brings a picture to a size that a network takes, and its result back to the picture's own size.
import sharp, { type Sharp } from 'sharp';
import type { Pixels } from '../pixels.ts';
import type { SizeRules } from './manifest.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How a picture is fitted: resized to `inner`, then padded at the right and at the bottom to `outer`. */
export interface Fit {
  readonly inner: Size;
  readonly outer: Size;
}

/** Decides how a picture of a size is fitted; a picture that already obeys the rules keeps its size. */
export function planFit(size: Size, rules: SizeRules): Fit {
  if (rules.fixed !== undefined) return { inner: rules.fixed, outer: rules.fixed };
  const inner =
    rules.max_side === undefined ? size : shrink(size, largestSide(rules.max_side, rules.multiple_of));
  const pad = (side: number) =>
    Math.ceil(Math.max(side, rules.min_side) / rules.multiple_of) * rules.multiple_of;
  return { inner, outer: { width: pad(inner.width), height: pad(inner.height) } };
}

/** What a network gets. */
export async function fitIn(pixels: Pixels, { inner, outer }: Fit): Promise<Pixels> {
  if (sameSize(pixels, outer)) return pixels;
  const resized = sameSize(pixels, inner) ? open(pixels) : open(pixels).resize({ ...inner, fit: 'fill' });
  const right = outer.width - inner.width;
  const bottom = outer.height - inner.height;
  return read(right + bottom === 0 ? resized : resized.extend({ right, bottom, extendWith: 'mirror' }));
}

/** The result in the size of the picture that was fitted; a network that changes the size is brought back first. */
export async function fitOut(result: Pixels, { inner, outer }: Fit, size: Size): Promise<Pixels> {
  if (!sameSize(result, outer)) {
    return fitOut(await read(open(result).resize({ ...outer, fit: 'fill' })), { inner, outer }, size);
  }
  if (sameSize(result, size)) return result;
  const cropped = open(result).extract({ left: 0, top: 0, ...inner });
  return read(
    sameSize(inner, size) ? cropped : cropped.resize({ width: size.width, height: size.height, fit: 'fill' }),
  );
}

function largestSide(maxSide: number, multipleOf: number): number {
  return maxSide - (maxSide % multipleOf);
}

function shrink(size: Size, longest: number): Size {
  const factor = Math.min(1, longest / Math.max(size.width, size.height));
  const side = (pixels: number) => Math.max(1, Math.round(pixels * factor));
  return { width: side(size.width), height: side(size.height) };
}

function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function open({ data, width, height }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}

async function read(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
