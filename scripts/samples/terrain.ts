// The ground of the landscape: a height map of mountains around a lake, in metres above the water.
import { erode } from './erosion.ts';
import { fbm, makeNoise, ridged, smoothstep } from './noise.ts';

/** Square grid of heights; x runs from -span/2 to span/2, z (away from the viewer) from 0 to span. */
export type Terrain = { size: number; span: number; heights: Float32Array };

const span = 10_000;

/** Raises the mountains on a `size` x `size` grid and lets rain wear them down. */
export function makeTerrain(seed: number, size: number): Terrain {
  const heights = new Float32Array(size * size);
  const shape = makeShape(seed);
  const cell = span / (size - 1);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      heights[row * size + column] = shape(column * cell - span / 2, row * cell) / cell;
    }
  }
  erode(heights, size, { seed: seed + 1, droplets: Math.round(size * size * 0.32) });
  for (let i = 0; i < heights.length; i++) heights[i] = (heights[i] ?? 0) * cell;
  return { size, span, heights };
}

function makeShape(seed: number): (x: number, z: number) => number {
  const noise = makeNoise(seed);
  const bump = (x: number, z: number, atX: number, atZ: number, wide: number): number =>
    Math.exp(-((x - atX) ** 2 + (z - atZ) ** 2) / (wide * wide));
  return (x, z) => {
    const bend = fbm(noise, x / 900 + 3, z / 900, 4);
    const spits =
      bump(x, z, -330, 690, 150) * 1.25 + bump(x, z, -480, 620, 200) + bump(x, z, 560, 900, 240) * 1.1;
    const shore = Math.hypot((x + 120) / 1050, (z - 620) / 780) - 1 + bend * 0.6 + spits;
    if (shore < 0) return Math.max(shore * 60, -20);
    const warpX = x + 500 * fbm(noise, x / 2300, z / 2300 + 8, 3);
    const warpZ = z + 500 * fbm(noise, x / 2300 + 5, z / 2300, 3);
    const crests = ridged(noise, warpX / 2500 + 0.4, warpZ / 2500, 9);
    const massif =
      bump(x, z, 1000, 4300, 1250) * 1.25 +
      bump(x, z, -2050, 3700, 1300) * 0.85 +
      bump(x, z, -500, 7900, 1900) * 1.3;
    const rise = smoothstep(0.35, 3, shore);
    const hills = 120 * smoothstep(0, 0.9, shore) * (0.75 + fbm(noise, x / 620, z / 620 + 40, 5));
    const side = smoothstep(600, 2600, Math.abs(x + 150)) * smoothstep(0.1, 1.6, shore) * 240;
    return shore * 22 + hills + (crests - 0.2) * rise * (side + 420) + massif * (160 + 820 * crests);
  };
}

/** Height in metres at a place, between the grid's points (bilinear); the rim's height outside. */
export function heightAt(terrain: Terrain, x: number, z: number): number {
  return sampleGrid(terrain, terrain.heights, x, z);
}

/** The value of any map laid over the terrain's grid at a place (bilinear). */
export function sampleGrid(terrain: Terrain, map: Float32Array, x: number, z: number): number {
  const { size } = terrain;
  const scale = (size - 1) / terrain.span;
  const column = Math.min(Math.max((x + terrain.span / 2) * scale, 0), size - 1.001);
  const row = Math.min(Math.max(z * scale, 0), size - 1.001);
  const i = Math.floor(row) * size + Math.floor(column);
  const u = column - Math.floor(column);
  const v = row - Math.floor(row);
  const near = (map[i] ?? 0) * (1 - u) + (map[i + 1] ?? 0) * u;
  const far = (map[i + size] ?? 0) * (1 - u) + (map[i + size + 1] ?? 0) * u;
  return near * (1 - v) + far * v;
}
