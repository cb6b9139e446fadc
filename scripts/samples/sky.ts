// The sky of the landscape: graded light and slabs of cloud lit from the left.
import { clamp, fbm, makeNoise, type Noise, smoothstep } from './noise.ts';
import { type Colour, mixColours, type Picture } from './picture.ts';
import type { View } from './view.ts';

/** Direction towards the sun, a unit vector: right, up, away from the viewer. */
export const sunDirection: Colour = [-0.86, 0.4, -0.31];

const zenith: Colour = [0.05, 0.17, 0.46];
const middle: Colour = [0.22, 0.43, 0.72];
const haze: Colour = [0.86, 0.8, 0.74];
const glow: Colour = [1.5, 0.92, 0.45];
const sunlit: Colour = [1.5, 1.28, 1.02];
const shaded: Colour = [0.3, 0.35, 0.47];
const slabs = 9;

/** Paints the sky above the horizon row; rows below it are left alone. */
export function paintSky(picture: Picture, view: View, seed: number): void {
  const noise = makeNoise(seed);
  for (let y = 0; y < Math.min(view.height, view.horizon); y++) {
    for (let x = 0; x < view.width; x++) {
      const right = (x + 0.5 - view.width / 2) / view.focal;
      const up = (view.horizon - y) / view.focal;
      picture.data.set(skyColour(noise, right, up), (y * view.width + x) * 3);
    }
  }
}

function skyColour(noise: Noise, right: number, up: number): Colour {
  const length = Math.hypot(right, up, 1);
  const facing = (right * sunDirection[0] + up * sunDirection[1] + sunDirection[2]) / length;
  const height = up / length;
  const clear = mixColours(
    mixColours(haze, middle, smoothstep(-0.02, 0.2, height)),
    zenith,
    smoothstep(0.1, 0.5, height),
  );
  const warm = clamp(0.5 + 0.5 * facing, 0, 1) ** 3 * 0.6;
  const lit = mixColours(clear, glow, warm * 0.75 * (1 - smoothstep(0, 0.6, height) * 0.5));
  const veil = cirrus(noise, right, up);
  return overClouds(noise, right, up, mixColours(lit, sunlit, veil * (0.5 + warm)), warm);
}

function cirrus(noise: Noise, right: number, up: number): number {
  const far = 1 / (up + 0.12);
  const streaks = fbm(noise, right * far * 1.1 + far * 0.5 + 20, far * 2.6 - right * far * 0.8, 6);
  return smoothstep(0.02, 0.5, streaks) * 0.4 * smoothstep(0.1, 0.3, up);
}

/** Looks up through thin slabs of cloud from the lowest to the highest, each a little smaller than the one below. */
function overClouds(noise: Noise, right: number, up: number, behind: Colour, warm: number): Colour {
  const fade = smoothstep(0.05, 0.16, up);
  if (fade === 0) return behind;
  const light = [0, 0, 0];
  let clear = 1;
  for (let slab = 0; slab < slabs && clear > 0.02; slab++) {
    const far = (1 + slab * 0.012) / (up + 0.1);
    const x = right * far * 1.5 + 2.2;
    const y = far * 1.05 + 7.1;
    const rim = 0.06 + slab * 0.028;
    const body = billow(noise, x, y);
    const density = smoothstep(rim, rim + 0.13, body) * 0.45 * fade;
    if (density === 0) continue;
    const sunward = billow(noise, x - 0.12, y - 0.1);
    const bright = clamp(0.42 + slab * 0.05 + (body - sunward) * 1.9 + warm * 0.3, 0, 1.25);
    const colour = mixColours(shaded, sunlit, bright);
    for (let i = 0; i < 3; i++) light[i] = (light[i] ?? 0) + clear * density * (colour[i] ?? 0);
    clear *= 1 - density;
  }
  const through = (i: 0 | 1 | 2): number => behind[i] * clear + (light[i] ?? 0);
  return [through(0), through(1), through(2)];
}

function billow(noise: Noise, x: number, y: number): number {
  const bend = noise(x * 0.9 + 4, y * 0.9 - 7) * 0.35;
  return fbm(noise, x + bend, y - bend, 7) + noise(x * 0.35 + 9, y * 0.5) * 0.28;
}
