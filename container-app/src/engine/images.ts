// The engine's border to image files: encoded bytes become 8-bit sRGB pixels and back. Each file is decoded once.
// The file formats that may enter are allowed here by name; libvips knows many more, some of them dangerous.
import { JobError, limits, messageOf, type OutputFormat } from '@impasto/shared';
import sharp, { type Sharp } from 'sharp';
import type { Pixels } from './pixels.ts';

/** Loaders of libvips that may be used: JPEG, PNG, WebP, AVIF, GIF and TIFF, from memory only. */
const allowedLoaders = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff'];

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: allowedLoaders.map((name) => `VipsForeignLoad${name}Buffer`) });
// Each picture is seen once: caching what libvips did would only keep its memory.
sharp.cache(false);

/** How large a decoded picture should be; its aspect is kept. */
export interface SizeRule {
  readonly longerSidePixels: number;
  /** Whether a smaller picture is enlarged to `longerSidePixels`. */
  readonly enlarge: boolean;
}

export interface Decoded {
  /** Upright sRGB. Pixels that are wholly transparent are white, whatever colour the file hides there. */
  readonly pixels: Pixels;
  /** One byte a pixel, 0 transparent; absent when every pixel is opaque. */
  readonly alpha?: Uint8Array;
}

export interface Encoding {
  readonly format: OutputFormat;
  /** 1..100, for jpeg and webp. */
  readonly quality: number;
  /** Shows what is transparent on white, as a jpeg does in any case. */
  readonly onWhite?: boolean;
}

/**
 * Decodes a JPEG, PNG, WebP, AVIF, GIF or TIFF of any colour space, bit depth and orientation; of an animation or a
 * set of pages, the first. `name` tells the pictures of a job apart in messages, for example `content image`.
 * Throws `JobError`: `image_corrupt`, `unsupported_image_format` or `too_many_pixels`.
 */
export async function decode(encoded: Uint8Array, name: string, size: SizeRule): Promise<Decoded> {
  if (isCutJpeg(encoded)) throw corrupt(name, 'the JPEG has no end');
  const { data, info } = await decodeRaw(encoded, name, size);
  const { width, height, channels } = info;
  if (channels === 3) return { pixels: { data, width, height } };
  const rgba = sharp(data, { raw: { width, height, channels } });
  const alpha = await rgba.clone().extractChannel('alpha').raw().toBuffer();
  if (alpha.equals(Buffer.alloc(alpha.length, 255))) {
    return { pixels: { data: await rgba.removeAlpha().raw().toBuffer(), width, height } };
  }
  return { pixels: { data: await whitenHidden(rgba, alpha, width, height), width, height }, alpha };
}

/** The colours of a picture with alpha; white (255, which any bits or 255 give) where nothing of them shows. */
async function whitenHidden(rgba: Sharp, alpha: Buffer, width: number, height: number): Promise<Buffer> {
  const raw = { width, height, channels: 1 as const };
  const hidden = await sharp(alpha, { raw }).threshold(1).negate().extractChannel(0).raw().toBuffer();
  return rgba.removeAlpha().boolean(hidden, 'or', { raw }).raw().toBuffer();
}

/** Sample types of a TIFF whose range is known; what white is in the others only their maker knows. */
const knownDepths: ReadonlySet<string | undefined> = new Set(['uchar', 'ushort', 'float']);

async function assertKnownDepth(encoded: Uint8Array, name: string): Promise<void> {
  const { format, depth } = await sharp(encoded).metadata();
  if (format !== 'tiff' || knownDepths.has(depth)) return;
  const message = `Expected 8 or 16 bits or floats of 0 to 1 a sample for the ${name}, received a TIFF of type ${depth}.`;
  throw new JobError('unsupported_image_format', message);
}

async function decodeRaw(encoded: Uint8Array, name: string, size: SizeRule) {
  const side = size.longerSidePixels;
  try {
    await assertKnownDepth(encoded, name);
    // `error` fails on cut files and wrong checksums, yet takes the odd TIFF tag that `warning` would stumble over.
    return await sharp(encoded, {
      failOn: 'error',
      limitInputPixels: limits.maxImagePixels,
      autoOrient: true,
    })
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: !size.enlarge })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw decodeError(encoded, name, error);
  }
}

function decodeError(encoded: Uint8Array, name: string, error: unknown): JobError {
  if (error instanceof JobError) return error;
  const reason = decoderReason(messageOf(error));
  // A TIFF may keep its directory at its end; without it the decoder takes a cut one for another format.
  if (reason.includes('unsupported image format') && isTiff(encoded)) return corrupt(name, reason, error);
  if (reason.includes('unsupported image format')) {
    const message = `Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF for the ${name}, received another format.`;
    return new JobError('unsupported_image_format', message, { cause: error });
  }
  if (reason.includes('exceeds pixel limit')) {
    const most = limits.maxImagePixels / 1_000_000;
    const message = `Expected at most ${most} million pixels for the ${name}, received more.`;
    return new JobError('too_many_pixels', message, { cause: error });
  }
  return corrupt(name, reason, error);
}

function corrupt(name: string, reason: string, cause?: unknown): JobError {
  const message = `Expected a whole, undamaged picture for the ${name}, received one that does not decode: ${reason}.`;
  return new JobError('image_corrupt', message, { cause });
}

/** The decoder looks for the end marker of a JPEG only when it runs out of bytes, so a small cut may pass it. */
function isCutJpeg(encoded: Uint8Array): boolean {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length);
  const startOfImage = 0xffd8;
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== startOfImage) return false;
  const startOfScan = bytes.indexOf('ffda', 2, 'hex');
  return bytes.indexOf('ffd9', Math.max(2, startOfScan), 'hex') === -1;
}

function isTiff(encoded: Uint8Array): boolean {
  return /^(?:II[*]\0|MM\0[*])/.test(Buffer.from(encoded.subarray(0, 4)).toString('latin1'));
}

/** What a decoder said, in one line without the AVIF reader's list of seeks. */
function decoderReason(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.includes('bad seek'))
    .join('; ')
    .slice(0, 300);
}

/**
 * Encodes sRGB pixels, without any metadata. `alpha`, one byte a pixel, goes into a png or webp; a jpeg shows what is
 * transparent on white.
 */
export async function encode(
  pixels: Pixels,
  alpha: Uint8Array | undefined,
  encoding: Encoding,
): Promise<Uint8Array> {
  const colours = open(pixels);
  if (alpha === undefined) return toFormat(colours, encoding).toBuffer();
  const { width, height } = pixels;
  const rgba = colours.joinChannel(Buffer.from(alpha.buffer, alpha.byteOffset, alpha.length), {
    raw: { width, height, channels: 1 },
  });
  if (encoding.format !== 'jpeg' && !encoding.onWhite) return toFormat(rgba, encoding).toBuffer();
  const joined = sharp(await rgba.raw().toBuffer(), { raw: { width, height, channels: 4 } });
  return toFormat(joined.flatten({ background: 'white' }), encoding).toBuffer();
}

/**
 * Measured on a painting, milliseconds and KiB on two cores. PNG at 1024 x 682: level 1 55 ms 1681, level 2 58 ms
 * 1133, level 6 67 ms 1115, level 9 345 ms 1065, level 6 without filters 44 ms 1712; at 2048 x 1363: level 1 154 ms
 * 6726, level 2 211 ms 4517, level 6 261 ms 4450. So level 2 has all but 2 % of the gain for the least time.
 * WebP at 2048 x 1363: effort 2 163 ms 593, effort 4 (the usual) 362 ms 581. mozjpeg: six times JPEG's time for 16 %.
 */
function toFormat(image: Sharp, { format, quality }: Encoding): Sharp {
  if (format === 'png') return image.png({ compressionLevel: 2, adaptiveFiltering: true });
  if (format === 'webp') return image.webp({ quality, effort: 2 });
  // Halved colour shows at the edges of strokes, so a high quality keeps all of it.
  return image.jpeg({ quality, chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0' });
}

function open({ data, width, height }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
