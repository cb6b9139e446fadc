// The lake: the mirrored scene, shaken by ripples and mixed with the colour of the water.
import { clamp, fbm, makeNoise, type Noise, smoothstep } from './noise.ts';
import type { Colour, Picture } from './picture.ts';
import { makeRandom } from './random.ts';
import type { DepthMap, View } from './view.ts';

const deep: Colour = [0.008, 0.045, 0.06];
const shallow: Colour = [0.05, 0.115, 0.1];
const samples = 4;

/** Fills every pixel that sees water from `reflection`, the same scene painted as seen from below the water. */
export function paintWater(
  picture: Picture,
  view: View,
  depths: DepthMap,
  reflection: Picture,
  seed: number,
): void {
  const noise = makeNoise(seed);
  const random = makeRandom(seed + 1);
  for (let y = Math.ceil(view.horizon); y < view.height; y++) {
    const drop = (y + 0.5 - view.horizon) / view.focal;
    const away = view.eye / drop;
    const mirror = clamp((0.02 + 0.98 * (1 - drop / Math.hypot(1, drop)) ** 5) ** 0.62, 0, 0.94);
    for (let x = 0; x < view.width; x++) {
      const depth = depths[y * view.width + x] ?? 0;
      if (depth > 0 && depth !== Infinity) continue;
      const right = ((x + 0.5 - view.width / 2) / view.focal) * away;
      const light = [0, 0, 0];
      for (let i = 0; i < samples; i++) {
        const slopes = rippleSlopes(noise, right, away + random() * away * drop * 2, random());
        addReflection(light, reflection, view, x, y, slopes);
      }
      const depthOfWater = smoothstep(70, 18, away + 12 * fbm(noise, right / 14, away / 14, 3));
      for (let channel = 0; channel < 3; channel++) {
        const body = (deep[channel] ?? 0) + ((shallow[channel] ?? 0) - (deep[channel] ?? 0)) * depthOfWater;
        picture.data[(y * view.width + x) * 3 + channel] =
          ((light[channel] ?? 0) / samples) * mirror + body * (1 - mirror);
      }
    }
  }
}

function addReflection(
  light: number[],
  from: Picture,
  view: View,
  x: number,
  y: number,
  slopes: [number, number],
): void {
  const column = clamp(Math.round(x + slopes[0] * view.focal * 0.9), 0, from.width - 1);
  const up = y - view.horizon + slopes[1] * view.focal * 2;
  const row = clamp(Math.round(view.horizon - Math.abs(up)), 0, Math.floor(view.horizon) - 1);
  const i = (row * from.width + column) * 3;
  for (let channel = 0; channel < 3; channel++)
    light[channel] = (light[channel] ?? 0) + (from.data[i + channel] ?? 0);
}

/** How far the water's surface leans right and away at a place, in metres per metre; calm and ruffled by turns. */
function rippleSlopes(noise: Noise, right: number, away: number, jitter: number): [number, number] {
  const wind = smoothstep(-0.25, 0.35, fbm(noise, right / 120 + 3, away / 300, 3));
  const swell = noise(right / 5.2, away / 1.7);
  const chop = noise(right / 1.4 + 40, away / 0.55);
  const near = smoothstep(420, 30, away);
  const lean =
    (swell * 0.011 + chop * 0.012 * near) * (0.25 + 0.75 * wind) +
    (jitter - 0.5) * (0.004 + 0.02 * wind * smoothstep(40, 500, away));
  return [lean * 0.5 + chop * 0.004 * wind * near, lean];
}
