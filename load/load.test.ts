// The smallest level, whole, and the pictures of the largest.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '@impasto/shared';
import sharp from 'sharp';
import { makeRandom } from '../scripts/lib/random.ts';
import { smoke } from './levels/smoke.ts';
import { verdictOf } from './measure.ts';
import { noisePicture } from './pictures.ts';

describe('the load run', () => {
  it('takes a few jobs in, sees them done, and finds every promise kept', { timeout: 300_000 }, async () => {
    await using resources = new AsyncDisposableStack();
    const { signal } = new AbortController();
    const findings = await smoke({ scale: 0.12, random: makeRandom(1), signal, resources });
    assert.match(findings.load, /^6 jobs/);
    assert.deepEqual(findings.remarks, []);
    const broken = findings.measures.filter((measure) => verdictOf(measure) === 'BROKEN');
    assert.deepEqual(broken, []);
  });

  it('makes pictures of just the size that it is asked for', async () => {
    for (const bytes of [100_000, 19.9 * 1024 ** 2]) {
      const picture = await noisePicture(bytes);
      assert.ok(picture.length <= bytes && picture.length > 0.98 * bytes, `${picture.length} of ${bytes}`);
      const { width, height } = await sharp(picture).metadata();
      assert.ok(width * height < limits.maxImagePixels);
    }
  });
});
