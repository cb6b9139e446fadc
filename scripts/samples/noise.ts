// Smooth noise over the plane and the sums of it that clouds, rock and water are made of.
import { makeRandom } from './random.ts';

/** A smooth field over the plane, about -1 to 1, with features about one unit wide. */
export type Noise = (x: number, y: number) => number;

const tableSize = 256;

/** Gradient noise (Perlin, "Improving Noise", SIGGRAPH 2002) with 256 directions shuffled by the seed. */
export function makeNoise(seed: number): Noise {
  const order = shuffledTable(seed);
  const gradientX = new Float64Array(tableSize);
  const gradientY = new Float64Array(tableSize);
  for (let i = 0; i < tableSize; i++) {
    gradientX[i] = Math.cos((i / tableSize) * Math.PI * 2);
    gradientY[i] = Math.sin((i / tableSize) * Math.PI * 2);
  }
  const corner = (ix: number, iy: number, dx: number, dy: number): number => {
    const slot = order[((order[ix & 255] ?? 0) + iy) & 255] ?? 0;
    return (gradientX[slot] ?? 0) * dx + (gradientY[slot] ?? 0) * dy;
  };
  return (x, y) => {
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const dx = x - ix;
    const dy = y - iy;
    const u = dx * dx * dx * (dx * (dx * 6 - 15) + 10);
    const v = dy * dy * dy * (dy * (dy * 6 - 15) + 10);
    const top = mix(corner(ix, iy, dx, dy), corner(ix + 1, iy, dx - 1, dy), u);
    const bottom = mix(corner(ix, iy + 1, dx, dy - 1), corner(ix + 1, iy + 1, dx - 1, dy - 1), u);
    return mix(top, bottom, v) * Math.SQRT2;
  };
}

function shuffledTable(seed: number): Uint8Array {
  const random = makeRandom(seed);
  const table = Uint8Array.from({ length: tableSize }, (_, i) => i);
  for (let i = tableSize - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = table[i] ?? 0;
    table[i] = table[j] ?? 0;
    table[j] = kept;
  }
  return table;
}

/** Fractal sum: every octave twice as fine and half as strong, turned a little so that no grid shows. */
export function fbm(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0;
  let strength = 0.5;
  for (let i = 0; i < octaves; i++) {
    sum += strength * noise(x, y);
    strength *= 0.5;
    const turned = 1.6 * x + 1.2 * y + 17.3;
    y = -1.2 * x + 1.6 * y + 9.7;
    x = turned;
  }
  return sum;
}

/** Sharp crests, 0 to about 1 (Musgrave's ridged multifractal: an octave counts where the last one was high). */
export function ridged(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0;
  let strength = 0.5;
  let weight = 1;
  for (let i = 0; i < octaves; i++) {
    const crest = 1 - Math.abs(noise(x, y));
    const value = crest * crest * weight;
    sum += value * strength;
    weight = clamp(value * 1.6, 0, 1);
    strength *= 0.5;
    const turned = 1.6 * x + 1.2 * y + 31.1;
    y = -1.2 * x + 1.6 * y + 5.3;
    x = turned;
  }
  return sum;
}

/** Linear from a (t = 0) to b (t = 1). */
export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** The value, held within [low, high]. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** 0 below `from`, 1 above `to`, an S-curve between; `from` may be the larger one. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = clamp((value - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}
