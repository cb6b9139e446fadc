import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Blender, lumaWeights, makeBlender } from './blend.ts';
import type { Pixels } from './pixels.ts';

let blender: Blender;
before(async () => {
  blender = await makeBlender();
});
after(() => blender.dispose());

/** Bytes that look random and are the same every time (a multiplicative hash). */
function scattered(width: number, height: number, seed: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => ((at + seed) * 2654435761) >>> 24);
  return { data, width, height };
}

function reference(photo: Pixels, painted: Pixels, keep: number, mix: number): number[] {
  return Array.from(photo.data, (own, at) => {
    const pixel = at - (at % 3);
    const luma = ({ data }: Pixels) =>
      lumaWeights.reduce((sum, weight, channel) => sum + weight * (data[pixel + channel] ?? 0), 0);
    const paint = painted.data[at] ?? 0;
    const chromaDistance = own - luma(photo) - (paint - luma(painted));
    const sum = mix * (paint + keep * chromaDistance) + (1 - mix) * own;
    return Math.min(255, Math.max(0, Math.round(sum)));
  });
}

describe('blend', () => {
  const photo = scattered(61, 47, 1);
  const painted = scattered(61, 47, 99_991);

  it('follows its formula within one level', async () => {
    for (const keep of [0, 0.3, 1]) {
      for (const mix of [0.01, 0.5, 1]) {
        const { data } = await blender.blend(photo, painted, { keep, mix });
        const expected = reference(photo, painted, keep, mix);
        const most = data.reduce(
          (far, value, at) => Math.max(far, Math.abs(value - (expected[at] ?? -9))),
          0,
        );
        assert.ok(most <= 1, `keep ${keep}, mix ${mix}: ${most} levels off`);
      }
    }
  });

  it('gives each picture back itself at the ends', async () => {
    assert.equal(await blender.blend(photo, painted, { keep: 0.5, mix: 0 }), photo);
    assert.equal(await blender.blend(photo, painted, { keep: 0, mix: 1 }), painted);
  });

  it('changes nothing when both pictures are the same', async () => {
    const { data } = await blender.blend(photo, photo, { keep: 0.4, mix: 0.6 });
    assert.deepEqual(data, photo.data);
  });

  it('has no seam where one band ends and the next begins', async () => {
    const large = scattered(700, 401, 5);
    const other = scattered(700, 401, 77);
    const { data } = await blender.blend(large, other, { keep: 0, mix: 0.5 });
    const border = (1 << 18) * 3;
    const expected = reference(large, other, 0, 0.5);
    for (const at of [0, border - 1, border, border + 1, data.length - 1]) {
      assert.ok(Math.abs((data[at] ?? -9) - (expected[at] ?? 99)) <= 1, `byte ${at}`);
    }
  });

  it('refuses pictures of two sizes', async () => {
    const blending = blender.blend(photo, scattered(47, 61, 1), { keep: 0, mix: 0.5 });
    await assert.rejects(blending, /Expected 61 x 47 for the painting, received 47 x 61/);
  });
});
