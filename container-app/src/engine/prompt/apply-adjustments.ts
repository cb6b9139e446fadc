// Applies a prompt's adjustments to the pixels of a finished picture. `strokeScale` and `influence` are the painter's
// to use, before there is a picture; they change nothing here.
import sharp, { type Sharp } from 'sharp';
import { type Adjustments, clampAdjustments, type Tint } from './adjustments.ts';
import { makeGrain } from './grain.ts';

/** A picture as raw 8-bit sRGB: `width` x `height` x 3 bytes, row by row. */
export interface RgbPicture {
  data: Uint8Array;
  width: number;
  height: number;
}

// Rec. 709: how much each channel counts for brightness.
const lumaWeights: [number, number, number] = [0.2126, 0.7152, 0.0722];

// sharp cuts fractions off when it goes back to 8 bits.
const rounding = 0.5;

/**
 * The picture with `adjustments` applied, as raw 8-bit sRGB of the same size.
 *
 * The order is fixed: the tone curve (brightness), then colour (saturation, then warmth and tint, so that a tint colours
 * a black and white picture, then contrast), then sharpness, then grain, which so is neither tinted nor blurred.
 * Steps that are neutral cost nothing; without any other the very bytes of the input come back.
 *
 * @param seed chooses the grain; the result is a function of picture, adjustments and seed alone.
 * @throws {RangeError} if `data` does not hold `width` x `height` x 3 bytes.
 */
export async function applyAdjustments(
  { data, width, height }: RgbPicture,
  adjustments: Adjustments,
  seed = 0,
): Promise<Buffer> {
  if (data.length !== width * height * 3) {
    throw new RangeError(
      `Expected ${width} x ${height} x 3 = ${width * height * 3} bytes for data, received ${data.length}`,
    );
  }
  const wanted = clampAdjustments(adjustments);
  let pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const step = async (change: (image: Sharp) => Sharp | Promise<Sharp>) => {
    const image = await change(sharp(pixels, { raw: { width, height, channels: 3 } }));
    pixels = await image.removeAlpha().raw().toBuffer();
  };
  if (wanted.brightness !== 1) {
    await step((image) => applyToneCurve(image, wanted.brightness));
  }
  if (changesColour(wanted)) {
    await step((image) => applyColour(image, wanted));
  }
  if (wanted.sharpness !== 0) {
    await step((image) => applySharpness(image, wanted.sharpness, Math.max(width, height)));
  }
  if (wanted.grain !== 0) {
    await step((image) => applyGrain(image, width, height, wanted.grain, seed));
  }
  return pixels;
}

// A power curve that takes mid-grey to `brightness` times mid-grey and leaves black and white where they are:
// 0.5 ^ exponent = 0.5 * brightness. sharp can darken by its first gamma and brighten by its second.
function applyToneCurve(image: Sharp, brightness: number): Sharp {
  const exponent = 1 - Math.log2(brightness);
  return exponent > 1 ? image.gamma(exponent, 1) : image.gamma(1, 1 / exponent);
}

function changesColour({ saturation, contrast, warmth, tint }: Adjustments): boolean {
  const neutralTint = tint.red === 1 && tint.green === 1 && tint.blue === 1;
  return saturation !== 1 || contrast !== 1 || warmth !== 0 || !neutralTint;
}

// One matrix and one line for all of it. sharp clips only after the line, so nothing is lost in between.
function applyColour(image: Sharp, { saturation, contrast, warmth, tint }: Adjustments): Sharp {
  const gains = colourGains(warmth, tint);
  const [red, green, blue] = lumaWeights;
  const rest = 1 - saturation;
  const [gainRed, gainGreen, gainBlue] = gains;
  return image
    .recomb([
      [gainRed * (rest * red + saturation), gainRed * rest * green, gainRed * rest * blue],
      [gainGreen * rest * red, gainGreen * (rest * green + saturation), gainGreen * rest * blue],
      [gainBlue * rest * red, gainBlue * rest * green, gainBlue * (rest * blue + saturation)],
    ])
    .linear(contrast, 127.5 * (1 - contrast) + rounding);
}

// Scaled so that grey keeps its luma: a tint does not brighten or darken.
function colourGains(warmth: number, tint: Tint): [number, number, number] {
  const red = tint.red * Math.exp(0.35 * warmth);
  const green = tint.green;
  const blue = tint.blue * Math.exp(-0.5 * warmth);
  const luma = lumaWeights[0] * red + lumaWeights[1] * green + lumaWeights[2] * blue;
  return [red / luma, green / luma, blue / luma];
}

// Radii grow with the picture, so that a preview and the large result look alike.
async function applySharpness(image: Sharp, sharpness: number, longerSide: number): Promise<Sharp> {
  const scale = Math.max(256, longerSide) / 1024;
  if (sharpness < 0) {
    // sharp's blur rounds kernels of less than 0.55 down to nothing, and small ones with the default amplitude too.
    return image.blur({ sigma: 0.55 - 2.85 * sharpness * scale, minAmplitude: 0.05 });
  }
  return await sharpen(image, 2 * sharpness, 0.5 + scale);
}

// An unsharp mask on luma alone: every channel plus `amount` x (luma - blurred luma). The blurred luma rides along as a
// fourth channel, which makes the mask one matrix; sharp's own sharpen, in LAB, takes twice as long.
async function sharpen(image: Sharp, amount: number, sigma: number): Promise<Sharp> {
  const blurred = await image
    .clone()
    .blur(sigma)
    .recomb([lumaWeights, lumaWeights, lumaWeights])
    .linear(1, rounding)
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = blurred.info;
  const [red, green, blue] = lumaWeights.map((weight) => weight * amount) as [number, number, number];
  return image
    .joinChannel(blurred.data, { raw: { width, height, channels: 1 } })
    .recomb([
      [1 + red, green, blue, -amount],
      [red, 1 + green, blue, -amount],
      [red, green, 1 + blue, -amount],
      [0, 0, 0, 1],
    ])
    .linear(1, rounding);
}

async function applyGrain(
  image: Sharp,
  width: number,
  height: number,
  amount: number,
  seed: number,
): Promise<Sharp> {
  const input = await makeGrain(width, height, amount, seed);
  return image.composite([{ input, raw: { width, height, channels: 1 }, blend: 'overlay' }]);
}
