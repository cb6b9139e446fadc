// The pictures that are painted: our landscape at the sizes asked for, in the style of our waves.
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

const sample = (name: string) => readFile(new URL(`../samples/${name}`, import.meta.url));

/** A JPEG of the landscape, `longerSide` pixels wide and two thirds as high. */
export async function contentAt(longerSide: number): Promise<Buffer> {
  return toJpeg(sharp(await sample('landscape.jpg')).resize(longerSide));
}

/** A JPEG of the landscape, distorted to `side` x `side` pixels. */
export async function squareContentAt(side: number): Promise<Buffer> {
  return toJpeg(sharp(await sample('landscape.jpg')).resize(side, side, { fit: 'fill' }));
}

export function styleImage(): Promise<Buffer> {
  return sample('style-waves.jpg');
}

function toJpeg(image: ReturnType<typeof sharp>): Promise<Buffer> {
  return image.jpeg({ quality: 90 }).toBuffer();
}
