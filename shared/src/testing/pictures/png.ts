// PNG files, chunk by chunk (ISO/IEC 15948): what no encoder would write can be written too.
import { crc32, deflateSync } from 'node:zlib';

interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample, 8 unless given. */
  readonly bitDepth?: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType?: 0 | 2 | 3 | 4 | 6;
}

/** One chunk: length, type, data and checksum. */
export function pngChunk(type: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

export function pngHeader({ width, height, bitDepth = 8, colourType = 0 }: PngHeader): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType], 8);
  return pngChunk('IHDR', header);
}

/** A PNG of these chunks, with a signature before and an end behind them. */
export function pngOf(...chunks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks, pngChunk('IEND')]);
}

/** The pixels of a PNG: `row` holds the packed samples of each row, top to bottom. */
export function pngPixels(height: number, row: (y: number) => Uint8Array): Buffer {
  const rows = Array.from({ length: height }, (_, y) => [Uint8Array.of(0), row(y)]).flat();
  return pngChunk('IDAT', deflateSync(Buffer.concat(rows)));
}

/** A black grey-scale PNG; with another size in its header than it has pixels where `claimed` says so. */
export function tinyPng(width: number, height: number, claimed = { width, height }): Buffer {
  const row = new Uint8Array(width);
  return pngOf(
    pngHeader(claimed),
    pngPixels(height, () => row),
  );
}

/** The same picture with these chunks between its header and its pixels. */
export function withPngChunks(png: Buffer, ...chunks: readonly Uint8Array[]): Buffer {
  const endOfHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, endOfHeader), ...chunks, png.subarray(endOfHeader)]);
}
