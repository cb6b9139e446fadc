// Rain on a height map: droplets run downhill, carve gullies where they are fast and drop sediment where they slow.
import { makeRandom } from './random.ts';

const inertia = 0.05;
const capacityFactor = 4;
const minimumSlope = 0.01;
const erodeRate = 0.3;
const depositRate = 0.3;
const evaporation = 0.02;
const gravity = 4;
const lifetimeSteps = 48;

/**
 * Erodes `heights` (a `size` x `size` grid, in units of the cell's width) in place.
 * The method is Hans Theobald Beyer's "Implementation of a method for hydraulic erosion" (TU Munich, 2015).
 */
export function erode(heights: Float32Array, size: number, rain: { seed: number; droplets: number }): void {
  const random = makeRandom(rain.seed);
  for (let i = 0; i < rain.droplets; i++) {
    runDroplet(heights, size, 1 + random() * (size - 4), 1 + random() * (size - 4));
  }
}

function runDroplet(heights: Float32Array, size: number, x: number, y: number): void {
  let dirX = 0;
  let dirY = 0;
  let speed = 1;
  let water = 1;
  let sediment = 0;
  for (let step = 0; step < lifetimeSteps; step++) {
    const cellX = Math.floor(x);
    const cellY = Math.floor(y);
    const u = x - cellX;
    const v = y - cellY;
    const i = cellY * size + cellX;
    const a = heights[i] ?? 0;
    const b = heights[i + 1] ?? 0;
    const c = heights[i + size] ?? 0;
    const d = heights[i + size + 1] ?? 0;
    const here = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * (1 - u) * v + d * u * v;
    dirX = dirX * inertia - ((b - a) * (1 - v) + (d - c) * v) * (1 - inertia);
    dirY = dirY * inertia - ((c - a) * (1 - u) + (d - b) * u) * (1 - inertia);
    const length = Math.hypot(dirX, dirY);
    if (length < 1e-6) return;
    dirX /= length;
    dirY /= length;
    x += dirX;
    y += dirY;
    if (x < 1 || y < 1 || x >= size - 2 || y >= size - 2) return;
    const drop = heightOf(heights, size, x, y) - here;
    const capacity = Math.max(-drop, minimumSlope) * speed * water * capacityFactor;
    const moved = dropped(drop, sediment, capacity);
    sediment -= moved;
    spread(heights, size, i, u, v, moved);
    speed = Math.sqrt(Math.max(0, speed * speed - drop * gravity));
    water *= 1 - evaporation;
  }
}

/** What a droplet leaves behind (negative: takes up) when the ground changes by `drop` along its way. */
function dropped(drop: number, sediment: number, capacity: number): number {
  if (drop > 0) return Math.min(drop, sediment);
  if (sediment > capacity) return (sediment - capacity) * depositRate;
  return -Math.min((capacity - sediment) * erodeRate, -drop);
}

function heightOf(heights: Float32Array, size: number, x: number, y: number): number {
  const i = Math.floor(y) * size + Math.floor(x);
  const u = x - Math.floor(x);
  const v = y - Math.floor(y);
  const top = (heights[i] ?? 0) * (1 - u) + (heights[i + 1] ?? 0) * u;
  const bottom = (heights[i + size] ?? 0) * (1 - u) + (heights[i + size + 1] ?? 0) * u;
  return top * (1 - v) + bottom * v;
}

function spread(heights: Float32Array, size: number, i: number, u: number, v: number, amount: number): void {
  heights[i] = (heights[i] ?? 0) + amount * (1 - u) * (1 - v);
  heights[i + 1] = (heights[i + 1] ?? 0) + amount * u * (1 - v);
  heights[i + size] = (heights[i + size] ?? 0) + amount * (1 - u) * v;
  heights[i + size + 1] = (heights[i + size + 1] ?? 0) + amount * u * v;
}
