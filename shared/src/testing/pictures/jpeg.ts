// JPEG files, segment by segment (ITU-T T.81): metadata put into a good file, and pictures of one colour whose
// components are exactly what is asked for, in colour models that few encoders write.

const startOfImage = Buffer.from('ffd8', 'hex');

/** One segment: marker, length and data of at most 65,533 bytes. */
export function jpegSegment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** The same picture with these segments at its beginning. */
export function withJpegSegments(jpeg: Uint8Array, ...segments: readonly Uint8Array[]): Buffer {
  return Buffer.concat([startOfImage, ...segments, jpeg.subarray(2)]);
}

/** An ICC profile as JPEG carries it, in one segment. */
export function jpegProfile(profile: Uint8Array): Buffer {
  return jpegSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile]));
}

/** What Adobe adds: 0 for CMYK, 1 for YCbCr, 2 for YCCK. CMYK components are then inverted: 255 is no ink. */
export function adobeSegment(transform: 0 | 1 | 2): Buffer {
  return jpegSegment(0xee, Buffer.from([...Buffer.from('Adobe', 'latin1'), 0, 100, 0, 0, 0, 0, transform]));
}

/**
 * A baseline JPEG of one colour, without loss.
 * @param side pixels, a multiple of 8.
 * @param components 0..255 each: 1 grey, 3 YCbCr, 4 CMYK or, with Adobe's segment, YCCK.
 */
export function flatJpeg(side: number, components: readonly number[]): Buffer {
  const count = components.length;
  const ids = components.map((_, index) => index + 1);
  const frame = [
    8,
    side >> 8,
    side & 255,
    side >> 8,
    side & 255,
    count,
    ...ids.flatMap((id) => [id, 0x11, 0]),
  ];
  // Twelve categories of differences, four bits each; of the other coefficients only "no more", one bit.
  const differences = [0, 0, 0, 0, 12, ...Array(12).fill(0), ...Array(12).keys()];
  const noMore = [0x10, 1, ...Array(15).fill(0), 0];
  return Buffer.concat([
    startOfImage,
    jpegSegment(0xdb, Buffer.from([0, ...Array(64).fill(1)])),
    jpegSegment(0xc0, Buffer.from(frame)),
    jpegSegment(0xc4, Buffer.from(differences)),
    jpegSegment(0xc4, Buffer.from(noMore)),
    jpegSegment(0xda, Buffer.from([count, ...ids.flatMap((id) => [id, 0]), 0, 63, 0])),
    flatScan((side / 8) ** 2, components),
    Buffer.from('ffd9', 'hex'),
  ]);
}

/** The first block of a component says its level, every other that nothing changed. */
function flatScan(blocks: number, components: readonly number[]): Buffer {
  const first = components.map((value) => blockBits(8 * (value - 128))).join('');
  const rest = blockBits(0).repeat(components.length * (blocks - 1));
  const bits = first + rest;
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? [];
  return Buffer.from(
    bytes.map((byte) => Number.parseInt(byte, 2)).flatMap((byte) => (byte === 255 ? [255, 0] : [byte])),
  );
}

function blockBits(difference: number): string {
  const category = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
  const code = category.toString(2).padStart(4, '0');
  const value = difference < 0 ? difference + 2 ** category - 1 : difference;
  return `${code}${category === 0 ? '' : value.toString(2).padStart(category, '0')}0`;
}
