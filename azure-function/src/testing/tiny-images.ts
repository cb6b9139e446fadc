// Small valid image files, byte by byte: the door reads headers only, and so needs no encoder to be tested.
import { crc32, deflateSync } from 'node:zlib';

/** A grey PNG; with another size in its header than it has pixels where `claimed` says so. */
export function tinyPng(width: number, height: number, claimed = { width, height }): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(claimed.width, 0);
  header.writeUInt32BE(claimed.height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 0);
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** The start of a lossy WebP of this size: 30 bytes are enough to claim 16383 x 16383. */
export function webpHeader(width: number, height: number): Buffer {
  const file = Buffer.alloc(30);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(22, 4);
  file.write('WEBPVP8 ', 8, 'latin1');
  file.writeUInt32LE(10, 16);
  file.set([0x9d, 0x01, 0x2a], 23);
  file.writeUInt16LE(width, 26);
  file.writeUInt16LE(height, 28);
  return file;
}

export function gifHeader(width: number, height: number): Buffer {
  const file = Buffer.alloc(35);
  file.write('GIF89a', 0, 'latin1');
  file.writeUInt16LE(width, 6);
  file.writeUInt16LE(height, 8);
  return file;
}

/** An ISO media file of the given brand with nothing in it. */
export function isoMedia(brand: string): Buffer {
  const file = Buffer.alloc(24);
  file.writeUInt32BE(24, 0);
  file.write(`ftyp${brand}\0\0\0\0${brand}mif1`, 4, 'latin1');
  return file;
}
