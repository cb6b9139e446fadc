// TIFF files (TIFF 6.0), little-endian, one uncompressed strip: kinds of samples that sharp does not write.

interface TiffOptions {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. */
  readonly bits: number;
  readonly samplesPerPixel?: number;
  /** 1 black is zero, 2 RGB, 5 inks. */
  readonly photometric?: 1 | 2 | 5;
  /** The strip; zeros of the right length where it is not given. */
  readonly pixels?: Uint8Array;
}

export function tiffOf(options: TiffOptions): Buffer {
  const { width, height, bits, samplesPerPixel = 1, photometric = 1 } = options;
  const pixels = options.pixels ?? Buffer.alloc(Math.ceil((width * bits * samplesPerPixel) / 8) * height);
  const bitsAt = 8 + pixels.length;
  const bitsTable = Buffer.alloc(8);
  for (let sample = 0; sample < samplesPerPixel; sample += 1) bitsTable.writeUInt16LE(bits, sample * 2);
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(bitsAt + bitsTable.length, 4);
  const directory = tiffDirectory([
    [256, 1, width],
    [257, 1, height],
    // Up to two values of two bytes stand in the entry itself, more of them elsewhere.
    [258, samplesPerPixel, samplesPerPixel === 1 ? bits : bitsAt],
    [259, 1, 1], // Compression: none
    [262, 1, photometric],
    [273, 1, 8], // StripOffsets
    [277, 1, samplesPerPixel],
    [278, 1, height], // RowsPerStrip
    [279, 1, pixels.length], // StripByteCounts
  ]);
  return Buffer.concat([header, pixels, bitsTable, directory]);
}

/** A TIFF that claims this size and has one byte of pixels. */
export function tiffHeader(width: number, height: number): Buffer {
  return tiffOf({ width, height, bits: 8, pixels: Buffer.alloc(1) });
}

type Entry = readonly [tag: number, count: number, value: number];

function tiffDirectory(entries: readonly Entry[]): Buffer {
  const short = 3;
  const long = 4;
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length);
  entries.forEach(([tag, count, value], index) => {
    const at = 2 + index * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(count > 1 ? short : long, at + 2);
    directory.writeUInt32LE(count, at + 4);
    directory.writeUInt32LE(value, at + 8);
  });
  return directory;
}
