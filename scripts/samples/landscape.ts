// The sample content picture: mountains over a lake on a late summer afternoon, drawn back to front.
import { paintForest, sowForest, type Tree } from './forest.ts';
import { develop } from './grade.ts';
import { castShadows, paintGround } from './ground.ts';
import { paintMeadow } from './meadow.ts';
import { makePicture, type Picture } from './picture.ts';
import { growPine } from './pine.ts';
import { paintSky } from './sky.ts';
import { makeTerrain } from './terrain.ts';
import { castDepths, mirrored, type View } from './view.ts';
import { paintWater } from './water.ts';

const seed = 6;

/** Trees on the near bank, left and right of the view. */
const framing: readonly Tree[] = [
  { x: -42, z: 88, up: 3, height: 21, kind: 3, sun: 1, hue: 0.35 },
  { x: -24.5, z: 62, up: 1.2, height: 17, kind: 1, sun: 1, hue: 0.25 },
  { x: -25.5, z: 50, up: 1.6, height: 26, kind: 2, sun: 1, hue: 0.3 },
  { x: 29.5, z: 62, up: -0.5, height: 12, kind: 0, sun: 1, hue: 0.4 },
  { x: 27, z: 52, up: 0, height: 17, kind: 1, sun: 1, hue: 0.3 },
];

/** Draws the scene; `width` x `height` is best near 3:2, `terrainSize` is the height map's side in points. */
export function drawLandscape(width: number, height: number, terrainSize: number): Picture {
  const view = { width, height, horizon: height * 0.575, focal: width * 0.93, eye: 15 };
  const terrain = makeTerrain(seed, terrainSize);
  const shadows = castShadows(terrain, seed + 5);
  const trees = sowForest(terrain, shadows, view, seed + 10);
  const pines = [1, 2, 3, 4].map((kind) => growPine(seed + kind * 100));

  const sky = makePicture(width, height);
  paintSky(sky, view, seed + 20);
  const paintScene = (from: View): { picture: Picture; depths: Float32Array } => {
    const picture = { ...sky, data: sky.data.slice() };
    const depths = castDepths(terrain, from);
    paintGround(picture, from, depths, { terrain, shadows, seed: seed + 30 });
    paintForest(picture, from, trees, pines, depths);
    return { picture, depths };
  };
  const { picture, depths } = paintScene(view);
  paintWater(picture, view, depths, paintScene(mirrored(view)).picture, seed + 40);
  paintForest(picture, view, framing, pines);
  paintMeadow(picture, seed + 50);
  develop(picture, seed + 60);
  return picture;
}
