// Draws the sample pictures that `npm run demo` uses: one landscape to paint and two styles to paint it in.
import { mkdir, writeFile } from 'node:fs/promises';
import { drawLandscape } from './samples/landscape.ts';
import { setMosaic } from './samples/mosaic.ts';
import { encodeJpeg, type Picture } from './samples/picture.ts';
import { paintWaves } from './samples/wave-painting.ts';

type Sample = { file: string; width: number; height: number; quality: number; draw: () => Picture };

// The styles are drawn larger than they are kept: shrinking them smooths the edges of bristles and stones.
const samples: readonly Sample[] = [
  {
    file: 'landscape.jpg',
    width: 1280,
    height: 853,
    quality: 84,
    draw: () => drawLandscape(1280, 853, 1100),
  },
  { file: 'style-waves.jpg', width: 768, height: 768, quality: 86, draw: () => paintWaves(1152, 3) },
  { file: 'style-mosaic.jpg', width: 768, height: 768, quality: 84, draw: () => setMosaic(1152, 4) },
];

const folder = new URL('../samples/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const { file, width, height, quality, draw } of samples) {
  const jpeg = await encodeJpeg(draw(), width, height, quality);
  await writeFile(new URL(file, folder), jpeg);
  console.log(`samples/${file}  ${width} x ${height}  ${Math.round(jpeg.length / 1024)} KiB`);
}
