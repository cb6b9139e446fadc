// A colour profile of the wide gamut that films are made in, and a picture that needs it.
import { deflateSync } from 'node:zlib';
import { pngChunk, withPngChunks } from '@impasto/shared/testing/pictures';
import type { Pixels } from '../../engine/pixels.ts';
import { openPixels } from './gradient.ts';

const gamma = 2.2;

/** The same colours as `pixels` (sRGB), written down as Rec. 2020 and with the profile that says so. */
export async function rec2020Png(pixels: Pixels): Promise<Buffer> {
  const data = new Uint8Array(pixels.data.length);
  for (let at = 0; at < data.length; at += 3) {
    const [red = 0, green = 0, blue = 0] = [...pixels.data.subarray(at, at + 3)].map(linear);
    data.set(wideFromLinear(red, green, blue), at);
  }
  const png = await openPixels({ ...pixels, data })
    .png()
    .toBuffer();
  return withPngChunks(png, pngProfile(rec2020Profile()));
}

/** The chunk that carries a profile, which may be any bytes. */
export function pngProfile(profile: Uint8Array): Buffer {
  return pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0'), deflateSync(profile)]));
}

function linear(value: number): number {
  const level = value / 255;
  return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
}

/** ITU-R BT.2087: linear BT.709 to linear BT.2020, then our gamma. */
function wideFromLinear(red: number, green: number, blue: number): number[] {
  return [
    0.6274 * red + 0.3293 * green + 0.0433 * blue,
    0.0691 * red + 0.9195 * green + 0.0114 * blue,
    0.0164 * red + 0.088 * green + 0.8956 * blue,
  ].map((level) => Math.round(255 * level ** (1 / gamma)));
}

/** ICC.1:2001: a matrix and a gamma. Primaries are adapted to D50. */
function rec2020Profile(): Buffer {
  const curve = Buffer.from('curv\0\0\0\0\0\0\0\x01\0\0', 'latin1');
  curve.writeUInt16BE(Math.round(gamma * 256), 12);
  const tags: readonly (readonly [name: string, data: Buffer])[] = [
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(0.67346, 0.27903, -0.00193)],
    ['gXYZ', xyz(0.16566, 0.67534, 0.02998)],
    ['bXYZ', xyz(0.12508, 0.04563, 0.79707)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ];
  const table = Buffer.alloc(4 + tags.length * 12);
  table.writeUInt32BE(tags.length);
  let end = 128 + table.length;
  tags.forEach(([name, data], index) => {
    table.write(name, 4 + index * 12, 'latin1');
    table.writeUInt32BE(end, 8 + index * 12);
    table.writeUInt32BE(data.length, 12 + index * 12);
    end += padded(data).length;
  });
  return Buffer.concat([profileHeader(end), table, ...tags.map(([, data]) => padded(data))]);
}

function profileHeader(bytes: number): Buffer {
  const header = Buffer.alloc(128);
  header.writeUInt32BE(bytes);
  header.writeUInt32BE(0x02400000, 8);
  header.write('mntrRGB XYZ ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  xyz(0.9642, 1, 0.8249).copy(header, 68, 8);
  return header;
}

/** Numbers of 16 bits and 16 more behind the point. */
function xyz(...values: readonly number[]): Buffer {
  const data = Buffer.alloc(8 + values.length * 4);
  data.write('XYZ ', 'latin1');
  values.forEach((value, index) => {
    data.writeInt32BE(Math.round(value * 65536), 8 + index * 4);
  });
  return data;
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
}
