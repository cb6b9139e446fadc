// The forest of the landscape: where trees stand, and how one is printed into the picture.

import { throughHaze } from './ground.ts';
import { fbm, makeNoise, type Noise, smoothstep } from './noise.ts';
import { type Colour, mixColours, type Picture } from './picture.ts';
import type { Pine, Stamp } from './pine.ts';
import { makeRandom } from './random.ts';
import { heightAt, sampleGrid, type Terrain } from './terrain.ts';
import { columnOf, type DepthMap, rowOf, type View } from './view.ts';

/** `x`, `z` and `height` in metres, `up` the ground's height, `sun` 0 to 1, `hue` 0 (blue-green) to 1 (yellow-green). */
export type Tree = {
  x: number;
  z: number;
  up: number;
  height: number;
  kind: number;
  sun: number;
  hue: number;
};

const nearestMetres = 90;
const farthestMetres = 3600;
const spacingMetres = 10;
const shadeGreen: Colour = [0.012, 0.024, 0.022];
const blueGreen: Colour = [0.075, 0.125, 0.05];
const yellowGreen: Colour = [0.34, 0.25, 0.045];

/** Sows the slopes, farthest trees first. */
export function sowForest(terrain: Terrain, shadows: Float32Array, view: View, seed: number): Tree[] {
  const random = makeRandom(seed);
  const noise = makeNoise(seed + 1);
  const trees: Tree[] = [];
  const spread = (view.width / view.focal) * 0.52;
  for (let rowZ = farthestMetres; rowZ > nearestMetres; rowZ -= spacingMetres) {
    for (let rowX = -rowZ * spread; rowX < rowZ * spread; rowX += spacingMetres) {
      const x = rowX + random() * spacingMetres;
      const z = rowZ - random() * spacingMetres;
      const chance = random();
      const up = heightAt(terrain, x, z);
      if (chance > likelihood(terrain, noise, x, z, up)) continue;
      const height = (9 + 13 * random()) * (1 - 0.4 * smoothstep(200, 460, up));
      const hue = Math.min(1, Math.max(0, fbm(noise, x / 130, z / 130, 3) * 1.5 + random() ** 3 * 0.9));
      const sun = sampleGrid(terrain, shadows, x, z);
      trees.push({ x, z, up, height, kind: Math.floor(random() * 1000), sun, hue });
    }
  }
  return trees;
}

function likelihood(terrain: Terrain, noise: Noise, x: number, z: number, up: number): number {
  if (up < 1.5 || up > 560) return 0;
  const steep = Math.hypot(heightAt(terrain, x + 14, z) - up, heightAt(terrain, x, z + 14) - up) / 14;
  const patch = fbm(noise, x / 260, z / 260, 4);
  return (
    smoothstep(520, 330, up + patch * 190) *
    smoothstep(1.5, 0.75, steep) *
    smoothstep(-0.34, -0.12, patch) *
    0.95
  );
}

/** Prints trees (farthest first) into a view of the scene, behind whatever ground is nearer. */
export function paintForest(
  picture: Picture,
  view: View,
  trees: readonly Tree[],
  pines: readonly Pine[],
  depths?: DepthMap,
): void {
  for (const tree of trees) {
    const pine = pines[tree.kind % pines.length];
    if (!pine) continue;
    const foot = rowOf(view, tree.up - 0.6, tree.z);
    const tall = foot - rowOf(view, tree.up + tree.height, tree.z);
    const centre = columnOf(view, tree.x, tree.z);
    const right = (centre - view.width / 2) / view.focal;
    const up = (view.horizon - foot + tall / 2) / view.focal;
    const sunny = mixColours(blueGreen, yellowGreen, tree.hue);
    const dark = throughHaze(shadeGreen, right, up, tree.z, view.eye);
    const bright = throughHaze(
      mixColours(shadeGreen, [sunny[0] * 2.3, sunny[1] * 2, sunny[2] * 1.6], 0.25 + 0.75 * tree.sun),
      right,
      up,
      tree.z,
      view.eye,
    );
    print(picture, pine, { centre, foot, tall }, [dark, bright], depths && { depths, z: tree.z - 25 });
  }
}

function print(
  picture: Picture,
  pine: Pine,
  at: { centre: number; foot: number; tall: number },
  [dark, bright]: readonly [Colour, Colour],
  hiding: { depths: DepthMap; z: number } | undefined,
): void {
  const stamp = pine.findLast((one) => one.height >= at.tall) ?? pine[0];
  if (!stamp) return;
  const scale = stamp.height / at.tall;
  const left = at.centre - stamp.width / 2 / scale;
  const top = at.foot - at.tall;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(picture.height, at.foot); y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(picture.width, 2 * at.centre - left); x++) {
      const pixel = y * picture.width + x;
      if (hiding && Math.abs(hiding.depths[pixel] ?? 0) < hiding.z) continue;
      const [light, cover] = sampleStamp(
        stamp,
        (x + 0.5 - left) * scale - 0.5,
        (y + 0.5 - top) * scale - 0.5,
      );
      if (cover < 0.01) continue;
      for (let channel = 0; channel < 3; channel++) {
        const i = pixel * 3 + channel;
        const d = dark[channel] ?? 0;
        const paint = d * cover + ((bright[channel] ?? 0) - d) * light;
        picture.data[i] = (picture.data[i] ?? 0) * (1 - cover) + paint;
      }
    }
  }
}

function sampleStamp(stamp: Stamp, x: number, y: number): [light: number, cover: number] {
  const column = Math.min(Math.max(x, 0), stamp.width - 1.001);
  const row = Math.min(Math.max(y, 0), stamp.height - 1.001);
  const i = Math.floor(row) * stamp.width + Math.floor(column);
  const u = column - Math.floor(column);
  const v = row - Math.floor(row);
  const pick = (map: Float32Array): number =>
    ((map[i] ?? 0) * (1 - u) + (map[i + 1] ?? 0) * u) * (1 - v) +
    ((map[i + stamp.width] ?? 0) * (1 - u) + (map[i + stamp.width + 1] ?? 0) * u) * v;
  return [pick(stamp.light), pick(stamp.cover)];
}
