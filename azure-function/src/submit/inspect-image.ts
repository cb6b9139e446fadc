// What an encoded image says about itself in its first bytes: format by content, never by name, and size.
// No pixel is decoded here; a file that lies in its header is found out by the worker.
import { type InputFormat, inputFormats, JobError, limits } from '@impasto/shared';
import probe from 'probe-image-size/sync.js';

export interface ImageFacts {
  readonly format: InputFormat;
  readonly width: number;
  readonly height: number;
}

/**
 * @throws JobError `unsupported_image_format`, `image_corrupt`, `image_too_small`, `too_many_pixels` or
 * `aspect_ratio`; its message starts with `name`.
 */
export function inspectImage(bytes: Uint8Array, name: string): ImageFacts {
  const format = formatOf(bytes);
  if (!format) throw new JobError('unsupported_image_format', unsupported(bytes, name));
  const size = probe.parsers[format](bytes);
  if (!(size && size.width > 0 && size.height > 0)) {
    throw new JobError(
      'image_corrupt',
      `Expected a ${format} file for ${name}, received one whose header cannot be read`,
    );
  }
  const { width, height } = size;
  assertSize(width, height, name);
  return { format, width, height };
}

function assertSize(width: number, height: number, name: string): void {
  const [short, long] = width < height ? [width, height] : [height, width];
  const received = `received ${width} x ${height}`;
  if (short < limits.minImageSidePixels) {
    const least = limits.minImageSidePixels;
    throw new JobError(
      'image_too_small',
      `Expected at least ${least} pixels on each side for ${name}, ${received}`,
    );
  }
  if (width * height > limits.maxImagePixels) {
    const most = limits.maxImagePixels / 1e6;
    throw new JobError('too_many_pixels', `Expected at most ${most} megapixels for ${name}, ${received}`);
  }
  if (long > short * limits.maxAspectRatio) {
    const most = limits.maxAspectRatio;
    throw new JobError('aspect_ratio', `Expected sides of at most 1 to ${most} for ${name}, ${received}`);
  }
}

function formatOf(bytes: Uint8Array): InputFormat | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'webp';
  if (/^(?:II[*]\0|MM\0[*])/.test(head)) return 'tiff';
  return isAvif(bytes) ? 'avif' : undefined;
}

// ISO base media file: the brands in its first box tell AVIF from its relatives (ISO/IEC 23008-12). A sequence
// (major brand avis) is a film, which the decoder does not open.
function isAvif(bytes: Uint8Array): boolean {
  const brands = brandsOf(bytes);
  return brands[0] !== 'avis' && brands.includes('avif');
}

function brandsOf(bytes: Uint8Array): readonly string[] {
  const head = Buffer.from(bytes.subarray(0, 256));
  if (head.length < 16 || head.toString('latin1', 4, 8) !== 'ftyp') return [];
  const end = Math.min(head.readUInt32BE(0), head.length);
  const text = head.toString('latin1', 8, end);
  return text.match(/.{4}/gs) ?? [];
}

function unsupported(bytes: Uint8Array, name: string): string {
  const expected = `Expected ${inputFormats.join(', ')} for ${name}`;
  if (brandsOf(bytes).some((brand) => /^(?:hei|hev)/.test(brand))) {
    return `${expected}, received HEIC; convert it to JPEG first`;
  }
  if (brandsOf(bytes)[0] === 'avis') return `${expected}, received an animated AVIF; send one frame of it`;
  return `${expected}, received ${bytes.length} bytes of something else`;
}
