// Pictures whose header is good and whose rest is not: only a decoder finds out.
import type { ErrorCode } from '@impasto/shared';
import { tiffOf } from '@impasto/shared/testing/pictures';
import { gradient, noise, openPixels } from './gradient.ts';

export interface BrokenPicture {
  /** Names the kind of picture in the reports of tests. */
  readonly id: string;
  readonly what: string;
  make(): Buffer | Promise<Buffer>;
  readonly code: ErrorCode;
  /** What the failure must tell the caller. */
  readonly says?: RegExp;
}

const formats = { jpeg: 'JPEG', png: 'PNG', webp: 'WebP', gif: 'GIF', avif: 'AVIF', tiff: 'TIFF' } as const;
const formatNames = Object.keys(formats) as (keyof typeof formats)[];

async function cutInHalf(format: keyof typeof formats): Promise<Buffer> {
  const whole = await noise({ width: 100, height: 80 }).toFormat(format).toBuffer();
  return whole.subarray(0, whole.length >> 1);
}

export const brokenPictures: readonly BrokenPicture[] = [
  ...formatNames.map((format) => ({
    id: format === 'jpeg' ? 'I36' : 'I38',
    what: `the first half of some ${formats[format]}`,
    make: () => cutInHalf(format),
    code: 'image_corrupt' as const,
  })),
  {
    id: 'I37',
    what: 'a small JPEG without its last two bytes',
    make: async () => (await openPixels(gradient).jpeg().toBuffer()).subarray(0, -2),
    code: 'image_corrupt',
  },
  {
    id: 'I37',
    what: 'a large JPEG without its last two bytes',
    make: async () => (await noise().jpeg().toBuffer()).subarray(0, -2),
    code: 'image_corrupt',
  },
  {
    id: 'I39',
    what: 'a PNG with one wrong bit',
    make: async () => {
      const png = await noise().png().toBuffer();
      png[png.length >> 1] = (png[png.length >> 1] ?? 0) ^ 1;
      return png;
    },
    code: 'image_corrupt',
    says: /libpng read error/,
  },
  {
    id: 'I51',
    what: 'a TIFF of 32-bit integers, whose white nobody knows',
    make: () => tiffOf({ width: 20, height: 16, bits: 32 }),
    code: 'unsupported_image_format',
    says: /a TIFF of type uint/,
  },
];
