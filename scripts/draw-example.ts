// Draws the picture of the README: our landscape, our two styles, and what the bundled model makes of them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultModel } from '@impasto/shared';
import sharp from 'sharp';
import { openRegistry } from '../container-app/src/engine/model/registry.ts';
import { makeStyleCache } from '../container-app/src/engine/model/style-cache.ts';
import { makePainter } from '../container-app/src/engine/painter.ts';

const root = join(import.meta.dirname, '..');
const sample = (name: string) => readFile(join(root, 'samples', name));
const cell = { width: 480, height: 320 };
const gap = 8;

const models = await openRegistry({ source: 'BUNDLED', providers: ['cpu'] });
const painter = await makePainter({ models, styles: makeStyleCache(), maxPixels: 4096 * 4096 });
const content = await sample('landscape.jpg');

const rows = await Promise.all(
  ['style-waves.jpg', 'style-mosaic.jpg'].map(async (name) => {
    const style = await sample(name);
    return [await fit(content), await fit(style), await fit(await paint(style))];
  }),
);
await sharp({ create: { ...sheetSize(), channels: 3, background: 'white' } })
  .composite(rows.flatMap((row, y) => row.map((input, x) => ({ input, ...placeOf(x, y) }))))
  .jpeg({ quality: 88, mozjpeg: true })
  .toFile(join(root, 'docs', 'example.jpg'));
await painter.dispose();
await models.dispose();

async function paint(style: Uint8Array): Promise<Uint8Array> {
  const parameters = {
    influence: 0.9,
    creativity: 0.6,
    additionalPrompt: '',
    outputFormat: 'png',
    outputQuality: 90,
    maxSide: 1024,
    model: defaultModel,
  } as const;
  return (await painter.paint({ content, style, parameters })).image;
}

function fit(image: Uint8Array): Promise<Buffer> {
  return sharp(image)
    .resize({ ...cell, fit: 'cover' })
    .toBuffer();
}

function placeOf(column: number, row: number) {
  return { left: column * (cell.width + gap), top: row * (cell.height + gap) };
}

function sheetSize() {
  return { width: 3 * cell.width + 2 * gap, height: 2 * cell.height + gap };
}
