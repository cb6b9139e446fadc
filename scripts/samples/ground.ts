// What the ground of the landscape looks like: rock, scree, snow and grass under sun, sky and haze.
import { clamp, fbm, makeNoise, mix, type Noise, smoothstep } from './noise.ts';
import { type Colour, mixColours, type Picture } from './picture.ts';
import { sunDirection } from './sky.ts';
import { heightAt, sampleGrid, type Terrain } from './terrain.ts';
import type { DepthMap, View } from './view.ts';

const rock: Colour = [0.2, 0.175, 0.155];
const paleRock: Colour = [0.36, 0.32, 0.275];
const grass: Colour = [0.105, 0.13, 0.035];
const dryGrass: Colour = [0.24, 0.19, 0.06];
const forestFloor: Colour = [0.03, 0.042, 0.018];
const snow: Colour = [0.86, 0.89, 0.94];
const sunlight: Colour = [2.9, 2.2, 1.45];
const skylight: Colour = [0.27, 0.38, 0.6];
const farHaze: Colour = [0.5, 0.62, 0.8];
const sunHaze: Colour = [1.25, 0.92, 0.62];

/** Where the sun reaches past mountains and clouds, 0 to 1 for every point of the terrain's grid, with soft edges. */
export function castShadows(terrain: Terrain, seed: number): Float32Array {
  const { size, span, heights } = terrain;
  const flat = Math.hypot(sunDirection[0], sunDirection[2]);
  const climb = ((sunDirection[1] / flat) * span) / (size - 1);
  const lit = new Float32Array(size * size);
  const clouds = makeNoise(seed);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const i = row * size + column;
      const start = heights[i] ?? 0;
      let least = 1;
      for (let step = 2; step < size / 3 && least > 0; step += 1 + step * 0.04) {
        const atX = Math.round(column + (sunDirection[0] / flat) * step);
        const atZ = Math.round(row + (sunDirection[2] / flat) * step);
        if (atX < 0 || atZ < 0 || atX >= size || atZ >= size) break;
        const clearance = start + climb * step - (heights[atZ * size + atX] ?? 0);
        least = Math.min(least, 0.5 + clearance / (step * climb * 0.16));
      }
      const cloud = fbm(clouds, (column / size) * 9, (row / size) * 9, 3);
      lit[i] = clamp(least, 0, 1) * mix(0.28, 1, smoothstep(-0.3, -0.02, cloud));
    }
  }
  return lit;
}

/** Colours every pixel of `picture` that sees ground in `depths`. */
export function paintGround(
  picture: Picture,
  view: View,
  depths: DepthMap,
  scene: { terrain: Terrain; shadows: Float32Array; seed: number },
): void {
  const noise = makeNoise(scene.seed);
  for (let pixel = 0; pixel < depths.length; pixel++) {
    const z = depths[pixel] ?? 0;
    if (z <= 0 || z === Infinity) continue;
    const right = ((pixel % view.width) + 0.5 - view.width / 2) / view.focal;
    const up = (view.horizon - Math.floor(pixel / view.width) - 0.5) / view.focal;
    const colour = groundColour(scene.terrain, scene.shadows, noise, right * z, up * z + view.eye, z);
    picture.data.set(throughHaze(colour, right, up, z, view.eye), pixel * 3);
  }
}

function groundColour(
  terrain: Terrain,
  shadows: Float32Array,
  noise: Noise,
  x: number,
  y: number,
  z: number,
): Colour {
  const cell = (terrain.span / (terrain.size - 1)) * 1.2;
  const rough = fbm(noise, x / 46, z / 46 + y / 60, 4);
  const fine = fbm(noise, x / 17 + 50, (z + y) / 17, 3);
  // Tufts and stones are too small to see far off, where they would only flicker.
  const tufts = z < 1600 ? fbm(noise, x / 3.1, (z + y * 2) / 3.1, 3) * smoothstep(1600, 700, z) : 0;
  const slopeX =
    (heightAt(terrain, x + cell, z) - heightAt(terrain, x - cell, z)) / (2 * cell) + rough * 0.36;
  const slopeZ =
    (heightAt(terrain, x, z + cell) - heightAt(terrain, x, z - cell)) / (2 * cell) + fine * 0.3 + tufts * 0.5;
  const steep = 1 / Math.hypot(slopeX, 1, slopeZ);
  const facing = (-slopeX * sunDirection[0] + sunDirection[1] - slopeZ * sunDirection[2]) * steep;
  const sun = clamp(facing, 0, 1) * sampleGrid(terrain, shadows, x, z);
  const albedo = material(noise, x, y, z, steep, rough + fine * 0.6 + tufts * 0.7);
  const open = 0.55 + 0.45 * steep;
  const light = (i: 0 | 1 | 2): number => albedo[i] * (sunlight[i] * sun + skylight[i] * open);
  return [light(0), light(1), light(2)];
}

/** Surface colour by height, steepness (1 flat, 0 upright) and patchy noise. */
function material(noise: Noise, x: number, y: number, z: number, steep: number, patch: number): Colour {
  const strata = fbm(noise, x / 260 + y / 90, y / 60 + z / 300, 4);
  let colour = mixColours(rock, paleRock, smoothstep(-0.3, 0.35, strata + patch * 0.35));
  const meadow = mixColours(grass, dryGrass, smoothstep(-0.25, 0.4, patch + strata * 0.3));
  const green = smoothstep(0.5, 0.72, steep + patch * 0.15) * smoothstep(700, 380, y + patch * 160);
  colour = mixColours(colour, meadow, green);
  colour = mixColours(colour, forestFloor, smoothstep(430, 300, y + patch * 120) * 0.75);
  const shore = smoothstep(1.8, 0.6, y) * 0.22;
  colour = mixColours(colour, paleRock, shore);
  const white =
    smoothstep(470, 760, y + patch * 260 + strata * 120) * smoothstep(0.42, 0.6, steep + patch * 0.12);
  return mixColours(colour, snow, white);
}

/** The colour as it arrives from `z` metres off: air takes its light and adds its own. */
export function throughHaze(colour: Colour, right: number, up: number, z: number, eye: number): Colour {
  const length = Math.hypot(right, up, 1);
  const facing = (right * sunDirection[0] + up * sunDirection[1] + sunDirection[2]) / length;
  const air = mixColours(farHaze, sunHaze, clamp(facing, 0, 1) ** 4 * 0.8);
  const low = Math.exp(-Math.max(0, up * z + eye) / 90);
  const thickness = z / 16_000 + (low * Math.max(0, z - 600)) / 9000;
  const lost: Colour = [
    1 - Math.exp(-thickness * 0.85),
    1 - Math.exp(-thickness),
    1 - Math.exp(-thickness * 1.25),
  ];
  const seen = (i: 0 | 1 | 2): number => colour[i] + (air[i] - colour[i]) * lost[i];
  return [seen(0), seen(1), seen(2)];
}
