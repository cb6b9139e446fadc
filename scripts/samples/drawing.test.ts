import assert from 'node:assert/strict';
import test from 'node:test';
import sharp from 'sharp';
import { drawLandscape } from './landscape.ts';
import { setMosaic } from './mosaic.ts';
import { encodeJpeg, type Picture, toBytes } from './picture.ts';
import { paintWaves } from './wave-painting.ts';

const drawings: Record<string, () => Picture> = {
  'the landscape': () => drawLandscape(96, 64, 128),
  'the wave painting': () => paintWaves(64, 3),
  'the mosaic': () => setMosaic(64, 4),
};

for (const [name, draw] of Object.entries(drawings)) {
  test(`${name} has the size asked for, is not flat, and comes out the same twice`, async () => {
    const picture = draw();
    assert.deepEqual(toBytes(draw()), toBytes(picture));
    const jpeg = await encodeJpeg(picture, picture.width, picture.height, 85);
    const { width, height } = await sharp(jpeg).metadata();
    assert.deepEqual([width, height], [picture.width, picture.height]);
    const { channels } = await sharp(jpeg).stats();
    for (const { stdev } of channels) assert.ok(stdev > 25, `standard deviation ${stdev}`);
  });
}

test('black, grey and white light become the bytes that sRGB gives them', () => {
  const data = Float32Array.of(-1, 0, 0.2140411, 1, 2, 0.0030353);
  assert.deepEqual([...toBytes({ width: 2, height: 1, data })], [0, 0, 127, 255, 255, 10]);
});
