// Requests to paint small pictures: most of them quick, some that take long enough to be renewed, a few that cannot be
// painted.
import sharp from 'sharp';
import type { Random } from '../scripts/lib/random.ts';

export interface PictureBodies {
  /** The JSON of a submission. */
  any(random: Random): string;
}

const slowShare = 0.05;
const brokenShare = 0.02;
/** Passes that a slow job takes many of. */
const slowSide = 384;

/** @param side longest side in pixels. */
export async function makePictureBodies(side: number): Promise<PictureBodies> {
  const sides = [side, Math.round(side * 0.75), Math.round(side * 0.5)];
  const contents = await Promise.all(sides.map((each, index) => picture(each, index).jpeg().toBuffer()));
  const styles = await Promise.all(
    sides.map((each, index) =>
      picture(each, index + 3)
        .png()
        .toBuffer(),
    ),
  );
  const slow = await picture(slowSide, 7).jpeg().toBuffer();
  const whole = contents[0] ?? Buffer.alloc(0);
  const broken = whole.subarray(0, whole.length / 2);
  return {
    any: (random) => {
      const drawn = random.next();
      const style_image = random.pick(styles).toString('base64');
      const output_format = random.pick(['png', 'jpeg', 'webp']);
      const content =
        drawn < brokenShare ? broken : drawn < brokenShare + slowShare ? slow : random.pick(contents);
      const creativity = content === slow ? 1 : random.pick([0, 0.25, 0.5]);
      return JSON.stringify({
        content_image: content.toString('base64'),
        style_image,
        creativity,
        output_format,
      });
    },
  };
}

/** Noise, coarse enough to be compressed. */
function picture(side: number, variant: number): ReturnType<typeof sharp> {
  const height = Math.max(48, Math.round(side * 0.7));
  const noise = { type: 'gaussian', mean: 60 + 20 * variant, sigma: 40 } as const;
  return sharp({ create: { width: side, height, channels: 3, background: '#000', noise } }).blur(2);
}
