import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitIn, fitOut, planFit } from './fit.ts';
import { testPicture } from './tiny-models.ts';

const noRules = { min_side: 1, multiple_of: 1 };

test('a picture that obeys the rules is passed on as it is', async () => {
  const picture = testPicture(16, 24);
  const fit = planFit(picture, { min_side: 16, multiple_of: 8 });
  assert.equal(await fitIn(picture, fit), picture);
  assert.equal(await fitOut(picture, fit, picture), picture);
});

test('padding mirrors the picture at its right and lower edge, and comes off again', async () => {
  const picture = testPicture(5, 3);
  const fit = planFit(picture, { min_side: 4, multiple_of: 8 });
  const padded = await fitIn(picture, fit);
  assert.deepEqual([padded.width, padded.height], [8, 8]);
  const pixel = (x: number, y: number) => [...padded.data.subarray((y * 8 + x) * 3, (y * 8 + x) * 3 + 3)];
  assert.deepEqual(pixel(5, 0), pixel(4, 0));
  assert.deepEqual(pixel(7, 1), pixel(2, 1));
  assert.deepEqual(pixel(1, 3), pixel(1, 2));
  assert.deepEqual(await fitOut(padded, fit, picture), { ...picture, data: Buffer.from(picture.data) });
});

test('a picture far smaller than the smallest side is padded more than once its own size', async () => {
  const fit = planFit({ width: 1, height: 2 }, { min_side: 16, multiple_of: 1 });
  const padded = await fitIn(testPicture(1, 2), fit);
  assert.deepEqual([padded.width, padded.height], [16, 16]);
});

test('a longer side than the largest is made smaller and the result larger again', async () => {
  const picture = testPicture(100, 41);
  const fit = planFit(picture, { ...noRules, multiple_of: 8, max_side: 50 });
  assert.deepEqual(fit, { inner: { width: 48, height: 20 }, outer: { width: 48, height: 24 } });
  const back = await fitOut(await fitIn(picture, fit), fit, picture);
  assert.deepEqual([back.width, back.height, back.data.length], [100, 41, 12300]);
});
