// From the light of the scene to a photograph: glow, exposure, film curve, vignette and grain.
import { clamp } from './noise.ts';
import type { Picture } from './picture.ts';
import { bell, makeRandom } from './random.ts';

const exposure = 0.62;

/** Develops the picture in place. */
export function develop(picture: Picture, seed: number): void {
  addGlow(picture);
  const random = makeRandom(seed);
  const { width, height, data } = picture;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const x = (pixel % width) / width - 0.5;
    const y = Math.floor(pixel / width) / height - 0.5;
    const gain = exposure * (1 - 0.45 * (x * x + y * y));
    const grain = 1 + bell(random) * 0.022;
    for (let i = pixel * 3; i < pixel * 3 + 3; i++) data[i] = filmCurve((data[i] ?? 0) * gain) * grain;
  }
}

/** Krzysztof Narkowicz's fit of the ACES film curve (2016). */
function filmCurve(light: number): number {
  return clamp((light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14), 0, 1);
}

/** Spreads a little of what is brighter than white around itself, as a lens does. */
function addGlow(picture: Picture): void {
  const { width, height, data } = picture;
  const bright = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) bright[i] = Math.max(0, (data[i] ?? 0) - 0.75);
  const radius = Math.max(1, Math.round(width / 60));
  for (let pass = 0; pass < 2; pass++) {
    for (let y = 0; y < height; y++) boxBlur(bright, y * width * 3, 3, width, radius);
    for (let x = 0; x < width; x++) boxBlur(bright, x * 3, width * 3, height, radius);
  }
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + (bright[i] ?? 0) * 0.22;
}

/** Running mean over one line of `count` RGB pixels that lie `stride` floats apart. */
function boxBlur(data: Float32Array, start: number, stride: number, count: number, radius: number): void {
  const line = new Float32Array(count);
  for (let channel = 0; channel < 3; channel++) {
    const at = (i: number): number => start + clamp(i, 0, count - 1) * stride + channel;
    for (let i = 0; i < count; i++) line[i] = data[at(i)] ?? 0;
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += line[clamp(i, 0, count - 1)] ?? 0;
    for (let i = 0; i < count; i++) {
      data[at(i)] = sum / (2 * radius + 1);
      sum += (line[Math.min(count - 1, i + radius + 1)] ?? 0) - (line[Math.max(0, i - radius)] ?? 0);
    }
  }
}
