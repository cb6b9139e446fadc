// The gradient as cameras write it: lying on its side, and with more in the file than anybody should see.
import { jpegSegment, withJpegSegments } from '@impasto/shared/testing/pictures';
import sharp, { type Sharp } from 'sharp';
import { gradient, openPixels } from './gradient.ts';

/** By EXIF orientation, how an upright picture is turned so that it lies. sharp mirrors before it rotates. */
const turns: readonly ((image: Sharp) => Sharp)[] = [
  (image) => image,
  (image) => image.flop(),
  (image) => image.rotate(180),
  (image) => image.flip(),
  (image) => image.flip().rotate(90),
  (image) => image.rotate(270),
  (image) => image.flop().rotate(90),
  (image) => image.rotate(90),
];

type Format = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

/**
 * The gradient, lying as EXIF `orientation` 1..8 says, with the place and the maker in its EXIF, an XMP packet and an
 * sRGB profile.
 */
export async function lyingPicture(orientation: number, format: Format): Promise<Buffer> {
  const turn = turns[orientation - 1];
  if (!turn) throw new Error(`Expected an orientation of 1 to 8, received ${orientation}`);
  const lying = await turn(openPixels(gradient)).png().toBuffer();
  const place = { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' };
  return sharp(lying)
    .withExif({ IFD0: { Artist: 'Ada Lovelace' }, IFD3: place })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    .withMetadata({ orientation })
    .toFormat(format, { quality: 95 })
    .toBuffer();
}

/** The same JPEG with a caption (IPTC) and a comment. */
export function withPrivateData(jpeg: Buffer): Buffer {
  const caption = Buffer.from('\x1c\x02\x78\0\x05hello', 'latin1');
  const iptc = Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0a', 'latin1');
  return withJpegSegments(
    jpeg,
    jpegSegment(0xed, Buffer.concat([iptc, caption])),
    jpegSegment(0xfe, Buffer.from('a comment')),
  );
}

/** An orientation that does not exist, on a picture that stands upright. */
export async function withOrientation99(): Promise<Buffer> {
  const jpeg = await openPixels(gradient).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
  const bigEndian = jpeg.indexOf('0112000300000001', 0, 'hex');
  const littleEndian = jpeg.indexOf('1201030001000000', 0, 'hex');
  if (bigEndian >= 0) jpeg.writeUInt16BE(99, bigEndian + 8);
  else jpeg.writeUInt16LE(99, littleEndian + 8);
  return jpeg;
}
