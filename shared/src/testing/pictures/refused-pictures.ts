// Files that no job may be made of, and the code of each: the door reads it from their first bytes. The engine gets
// them too, as if they had come in by another way.
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../errors.ts';
import { isoMedia, webpHeader } from './containers.ts';
import { gifHeader } from './gif.ts';
import { pngHeader, pngOf, pngPixels, tinyPng } from './png.ts';
import { makeRandom } from './random.ts';
import { tiffHeader } from './tiff.ts';

export interface RefusedPicture {
  /** Names the kind of picture in the reports of tests. */
  readonly id: string;
  readonly what: string;
  readonly file: () => Buffer;
  readonly code: ErrorCode;
  /** What the refusal must tell the caller. */
  readonly says?: RegExp;
}

const text = (content: string) => () => Buffer.from(content, 'latin1');
/** A file of another kind: its first bytes, and zeros behind them. */
const begins = (head: string) => () => Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(500)]);
const hex = (head: string) => () => Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(500)]);
const svg = (size: number, inside: string, before = '') =>
  text(
    `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}">${inside}</svg>`,
  );

const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');

const otherFormats: readonly (readonly [id: string, what: string, file: () => Buffer])[] = [
  ['I2', 'one byte', text('x')],
  ['I3', '5 kB of random bytes', () => makeRandom(3).bytes(5000)],
  ['I4', 'HTML', text('<!doctype html><html><body><img src="x.png"></body></html>')],
  ['I5', 'an ELF program', begins('\x7fELF\x02\x01\x01')],
  ['I6', 'a ZIP', begins('PK\x03\x04\x14\0')],
  ['I7', 'a gzipped PNG', () => gzipSync(tinyPng(32, 32))],
  ['I8', 'a PDF', text('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF')],
  ['I9', 'an EPS', text('%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\nshowpage\n')],
  [
    'I10',
    'an MVG that calls a program',
    text('push graphic-context\nviewbox 0 0 64 64\nfill \'url(https://a"|ls "-la)\'\n'),
  ],
  ['I11', 'a BMP', begins('BM\x36\x0c\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x20\0\0\0\x20\0\0\0\x01\0\x18\0')],
  ['I12', 'an ICO', begins('\0\0\x01\0\x01\0\x20\x20\0\0\x01\0\x20\0')],
  ['I13', 'a PPM', () => Buffer.concat([Buffer.from('P6\n32 32\n255\n'), Buffer.alloc(32 * 32 * 3)])],
  ['I14', 'a PSD', begins('8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x20\0\0\0\x20\0\x08\0\x03')],
  ['I15', 'an OpenEXR', hex('762f310102000000')],
  [
    'I16',
    'a FITS',
    begins(`${'SIMPLE  =                    T'.padEnd(80)}${'BITPIX  =                    8'.padEnd(80)}`),
  ],
  ['I17', 'a JPEG XL', hex('ff0a7f00900841004b28008b')],
  ['I17b', 'a JPEG XL in a box', hex('0000000c4a584c200d0a870a00000014667479706a786c20')],
  ['I18', 'a JPEG 2000', hex('0000000c6a5020200d0a870a00000014667479706a703220')],
  ['I19', 'an SVG', svg(64, '<rect width="9" height="9"/>')],
  [
    'I19b',
    'an SVG behind an XML declaration',
    svg(64, '<rect width="9" height="9"/>', '<?xml version="1.0"?>'),
  ],
  ['I20', 'an SVG of 16000 pixels', svg(16_000, '<rect width="9" height="9"/>')],
  ['I21', 'an SVG that reads a local file', svg(64, '<image xlink:href="file:///etc/passwd"/>')],
  [
    'I22',
    'an SVG of a billion laughs',
    svg(64, '<text>&l9;</text>', `<!DOCTYPE svg [<!ENTITY l0 "ha">${laughs}]>`),
  ],
  [
    'I23',
    'an SVG with an external entity',
    svg(64, '<text>&x;</text>', '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
  ],
  ['I24b', 'a BigTIFF', begins('II+\0\x08\0\0\0')],
  ['I24c', 'a picture of libvips', hex('b6a6f208')],
];

/** The door says what to do about these two. */
const relatives: readonly RefusedPicture[] = [
  {
    id: 'I24',
    what: 'a HEIC',
    file: () => isoMedia('heic'),
    code: 'unsupported_image_format',
    says: /received HEIC; convert it to JPEG/,
  },
  {
    id: 'I24d',
    what: 'an animated AVIF',
    file: () => isoMedia('avis'),
    code: 'unsupported_image_format',
    says: /received an animated AVIF; send one frame/,
  },
];

const sizes: readonly (readonly [id: string, what: string, file: () => Buffer, code: ErrorCode])[] = [
  ['I25', 'a whole PNG of 20000 x 20000 in 49 kB', bombPng, 'too_many_pixels'],
  ['I26', 'a PNG that claims 65535 x 65535', () => claimingPng(65_535), 'too_many_pixels'],
  ['I27', 'a GIF that claims 65535 x 65535', () => gifHeader(65_535, 65_535), 'too_many_pixels'],
  ['I28', 'a WebP that claims 16383 x 16383', () => webpHeader(16_383, 16_383), 'too_many_pixels'],
  ['I29', 'a TIFF that claims 15000 x 15000', () => tiffHeader(15_000, 15_000), 'too_many_pixels'],
  ['I30', 'a PNG that claims 2^31-1 x 2^31-1', () => claimingPng(2 ** 31 - 1), 'too_many_pixels'],
  ['I31', 'a PNG of no width', () => tinyPng(32, 32, { width: 0, height: 32 }), 'image_corrupt'],
  ['I31b', 'a GIF of no height', () => gifHeader(32, 0), 'image_corrupt'],
  ['I32', 'a PNG of 1 x 1', () => tinyPng(1, 1), 'image_too_small'],
  ['I33', 'a PNG of 16000 x 1', () => tinyPng(16_000, 1), 'image_too_small'],
  ['I34', 'a PNG of 1 x 16000', () => tinyPng(1, 16_000), 'image_too_small'],
  ['I34b', 'a PNG of 15 x 100', () => tinyPng(15, 100), 'image_too_small'],
  ['I35', 'a PNG of 16 x 801, longer than 1 to 50', () => tinyPng(16, 801), 'aspect_ratio'],
  ['I41', 'the first 20 bytes of a PNG', () => tinyPng(32, 32).subarray(0, 20), 'image_corrupt'],
  ['I41b', 'an AVIF with nothing in it', () => isoMedia('avif'), 'image_corrupt'],
];

export const refusedPictures: readonly RefusedPicture[] = [
  ...otherFormats.map(([id, what, file]) => ({ id, what, file, code: 'unsupported_image_format' as const })),
  ...relatives,
  ...sizes.map(([id, what, file, code]) => ({ id, what, file, code })),
];

function claimingPng(side: number): Buffer {
  return tinyPng(16, 16, { width: side, height: side });
}

/** One bit a pixel, all of them there. */
function bombPng(): Buffer {
  const side = 20_000;
  const row = new Uint8Array(side / 8);
  return pngOf(
    pngHeader({ width: side, height: side, bitDepth: 1 }),
    pngPixels(side, () => row),
  );
}
