// Pictures that look odd and must work: of every format, sample type, colour model and orientation, with whatever
// else a file may carry. Each comes with the pixels that it shows.
import {
  flatGif,
  jpegProfile,
  pngChunk,
  withJpegSegments,
  withPngChunks,
} from '@impasto/shared/testing/pictures';
import type { Decoded } from '../../engine/images.ts';
import { animatedPng, flatFrames } from './animations.ts';
import {
  alphaOf,
  flatPixels,
  gradient,
  greyGradient,
  openPixels,
  whereVisible,
  withAlpha,
} from './gradient.ts';
import { greyWithTransparentLevel, oneBitPng, stripes } from './grey-stripes.ts';
import { pngProfile, rec2020Png } from './icc.ts';
import { lyingPicture, withOrientation99, withPrivateData } from './metadata.ts';

export interface GoodPicture {
  /** Names the kind of picture in the reports of tests. */
  readonly id: string;
  readonly what: string;
  make(): Buffer | Promise<Buffer>;
  /** How many levels the pixels may be off on average. */
  readonly tolerance: number;
  readonly shows: Decoded;
}

type Row = readonly [id: string, what: string, make: GoodPicture['make'], tolerance?: number];

const lossy = 5;
/** Ink cannot print every colour: the corners of the gradient move. */
const inks = 15;
const photo = () => openPixels(gradient);
const grey = () => openPixels(greyGradient);
const jpeg = () => photo().jpeg({ quality: 95 }).toBuffer();
const png = () => photo().png().toBuffer();
const avif = (bitdepth: 8 | 10 | 12) => () => photo().avif({ quality: 90, bitdepth, effort: 2 }).toBuffer();
const text = Buffer.from('A'.repeat(100));

async function followed(picture: Promise<Buffer>, tail: string): Promise<Buffer> {
  return Buffer.concat([await picture, Buffer.from(tail, 'latin1')]);
}

const ofTheGradient: readonly Row[] = [
  ['I42', 'a JPEG', jpeg, lossy],
  ['I42', 'a PNG', png],
  ['I42', 'a WebP', () => photo().webp({ quality: 95 }).toBuffer(), lossy],
  ['I42', 'a lossless WebP', () => photo().webp({ lossless: true }).toBuffer()],
  ['I42', 'an AVIF', avif(8), lossy],
  ['I42', 'a GIF', () => photo().gif({ dither: 0 }).toBuffer(), lossy],
  ['I42', 'a TIFF', () => photo().tiff({ compression: 'lzw' }).toBuffer()],
  ['I43', 'a JPEG with a script behind it', () => followed(jpeg(), '<?php system($_GET["c"]) ?>'), lossy],
  ['I44', 'a PNG with a ZIP behind it', () => followed(png(), 'PK\x03\x04 and more')],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map(
    (orientation): Row => [
      'I45',
      `a JPEG of orientation ${orientation} with a place, a name and a caption`,
      async () => withPrivateData(await lyingPicture(orientation, 'jpeg')),
      lossy,
    ],
  ),
  ['I45', 'a PNG of orientation 6', () => lyingPicture(6, 'png'), lossy],
  ['I45', 'a WebP of orientation 6', () => lyingPicture(6, 'webp'), lossy],
  ['I45', 'a TIFF of orientation 6', () => lyingPicture(6, 'tiff'), lossy],
  ['I45', 'an AVIF of orientation 6', () => lyingPicture(6, 'avif'), lossy],
  ['I46', 'a JPEG of orientation 99', withOrientation99, lossy],
  [
    'I47',
    'a JPEG with a bogus profile',
    async () => withJpegSegments(await jpeg(), jpegProfile(text)),
    lossy,
  ],
  ['I47', 'a PNG with a bogus profile', async () => withPngChunks(await png(), pngProfile(text))],
  [
    'I47',
    'a PNG whose profile does not inflate',
    async () =>
      withPngChunks(await png(), pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0'), text]))),
  ],
  ['I48', 'a CMYK JPEG', () => photo().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), inks],
  ['I48', 'a CMYK TIFF', () => photo().toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(), inks],
  ['I49', 'a palette PNG', () => photo().png({ palette: true, dither: 0 }).toBuffer(), lossy],
  ['I49', 'a PNG with an opaque alpha channel', () => photo().ensureAlpha().png().toBuffer()],
  ['I51', 'a 16-bit PNG', () => photo().toColourspace('rgb16').png().toBuffer()],
  ['I51', 'a 16-bit TIFF', () => photo().toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer()],
  [
    'I51',
    'a float TIFF',
    () => photo().toColourspace('scrgb').tiff({ compression: 'lzw' }).toBuffer(),
    lossy,
  ],
  ['I51', 'a 10-bit AVIF', avif(10), lossy],
  ['I51', 'a 12-bit AVIF', avif(12), lossy],
  ['I52', 'a progressive JPEG', () => photo().jpeg({ quality: 95, progressive: true }).toBuffer(), lossy],
  ['I52', 'an interlaced PNG', () => photo().png({ progressive: true }).toBuffer()],
  ['I55', 'a PNG with 20,000 texts', async () => withPngChunks(await png(), ...manyTexts())],
  ['I57', 'a Display P3 PNG', () => photo().withIccProfile('p3').png().toBuffer(), lossy],
  ['I57', 'a Rec. 2020 PNG', () => rec2020Png(gradient), lossy],
];

const leftHalf = (x: number) => (x < 32 ? 0 : 255);
const ramp = (x: number) => x * 4;

const hidden: readonly Row[] = [
  [
    'I49',
    'a palette PNG with a transparent entry',
    () => half().png({ palette: true, dither: 0 }).toBuffer(),
    lossy,
  ],
  ['I50', 'a PNG that hides colours', () => half().png().toBuffer()],
  ['I50', 'a WebP that hides colours', () => half().webp({ lossless: true, exact: true }).toBuffer()],
];

const groups: readonly { readonly shows: Decoded; readonly rows: readonly Row[] }[] = [
  { shows: { pixels: gradient }, rows: ofTheGradient },
  {
    shows: { pixels: greyGradient },
    rows: [
      ['I49', 'an 8-bit grey PNG', () => grey().toColourspace('b-w').png().toBuffer(), 0.5],
      ['I49', 'a 16-bit grey PNG', () => grey().toColourspace('grey16').png().toBuffer(), 0.5],
    ],
  },
  {
    shows: { pixels: { ...greyGradient, data: greyGradient.data.map((level) => (level >= 128 ? 255 : 0)) } },
    rows: [
      [
        'I49',
        'a 1-bit TIFF',
        () => grey().threshold(128).toColourspace('b-w').tiff({ bitdepth: 1 }).toBuffer(),
      ],
    ],
  },
  { shows: { pixels: whereVisible(leftHalf), alpha: alphaOf(leftHalf) }, rows: hidden },
  {
    shows: { pixels: whereVisible(ramp, greyGradient), alpha: alphaOf(ramp) },
    rows: [
      [
        'I49',
        'a PNG of grey and alpha',
        () => withAlpha(ramp, greyGradient).toColourspace('b-w').png().toBuffer(),
        0.5,
      ],
    ],
  },
  { shows: stripes(0, 255), rows: [['I49', 'a 1-bit grey PNG', oneBitPng]] },
  {
    shows: stripes(255, 200, 0),
    rows: [['I49', 'a grey PNG with one transparent level', greyWithTransparentLevel]],
  },
  {
    shows: { pixels: flatPixels(16, [255, 0, 0]) },
    rows: [300, 10_000].map((count) => [
      count === 300 ? 'I53' : 'I54',
      `a GIF of ${count} frames`,
      () => redThenGreen(count),
    ]),
  },
  {
    shows: { pixels: flatPixels(16, [200, 200, 200]) },
    rows: [['I53', 'an animated PNG', () => animatedPng(16, 200, 20)]],
  },
  {
    shows: { pixels: flatPixels(20, [255, 0, 0]) },
    rows: [
      ['I53', 'an animated WebP', () => flatFrames(['red', 'lime', 'blue'], 'webp'), lossy],
      ['I53', 'a TIFF of 21 pages', () => flatFrames(['red', ...Array(20).fill('lime')], 'tiff'), lossy],
    ],
  },
];

export const goodPictures: readonly GoodPicture[] = groups.flatMap(({ shows, rows }) =>
  rows.map(([id, what, make, tolerance = 0]) => ({ id, what, make, tolerance, shows })),
);

function half() {
  return withAlpha(leftHalf);
}

function manyTexts(): Buffer[] {
  const comment = pngChunk('tEXt', Buffer.from('Comment\0hello'));
  return Array(20_000).fill(comment);
}

function redThenGreen(count: number): Buffer {
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
  ] as const;
  return flatGif(colours, [0, ...Array(count - 1).fill(1)]);
}
