// GIF files (GIF89a): a header that claims any size, and animations of frames of one colour each.

export function gifHeader(width: number, height: number): Buffer {
  const file = Buffer.alloc(35);
  file.write('GIF89a', 0, 'latin1');
  file.writeUInt16LE(width, 6);
  file.writeUInt16LE(height, 8);
  return file;
}

type Rgb = readonly [red: number, green: number, blue: number];

/** Frames of 16 x 16 pixels, each of one of at most four colours; `frames` holds their indices. */
export function flatGif(colours: readonly Rgb[], frames: readonly number[]): Buffer {
  const screen = Buffer.from('GIF89a\x10\0\x10\0\x81\0\0', 'latin1');
  const palette = Buffer.alloc(4 * 3);
  palette.set(colours.flat());
  const pictures = colours.map((_, index) => flatFrame(index));
  const images = frames.flatMap((index) => pictures[index] ?? []);
  return Buffer.concat([screen, palette, ...images, Buffer.from(';')]);
}

function flatFrame(index: number): Buffer {
  const place = Buffer.from(',\0\0\0\0\x10\0\x10\0\0', 'latin1');
  const data = lzw(index, 16 * 16);
  return Buffer.concat([place, Buffer.from([2, data.length]), data, Buffer.from([0])]);
}

/** Three bits a code; "clear" before every two pixels keeps the table from growing and the codes from widening. */
function lzw(index: number, pixels: number): Buffer {
  const clear = 4;
  const end = 5;
  const codes = [...Array.from({ length: pixels / 2 }, () => [clear, index, index]).flat(), end];
  const data = Buffer.alloc(Math.ceil((codes.length * 3) / 8));
  codes.forEach((code, at) => {
    for (let bit = 0; bit < 3; bit += 1) {
      const place = at * 3 + bit;
      data[place >> 3] = (data[place >> 3] ?? 0) | (((code >> bit) & 1) << (place & 7));
    }
  });
  return data;
}
