// The beginnings of WebP and ISO media files: enough to claim a size or a kind.

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

/** An ISO media file of the given brand with nothing in it. */
export function isoMedia(brand: string): Buffer {
  const file = Buffer.alloc(24);
  file.writeUInt32BE(24, 0);
  file.write(`ftyp${brand}\0\0\0\0${brand}mif1`, 4, 'latin1');
  return file;
}
