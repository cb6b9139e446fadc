// The second sample style: the design cut into stone tiles, with brown joints and dark outlines.
import {
  colourAt,
  distanceToOutline,
  makeDesign,
  outlineAngle,
  type Shape,
  shapeAt,
} from './mosaic-design.ts';
import { clamp, fbm, makeNoise, type Noise, smoothstep } from './noise.ts';
import { type Colour, colourOf, makePicture, mixColours, type Picture, scaleColour } from './picture.ts';
import { bell, makeRandom } from './random.ts';
import { layTiles, type TileHit } from './tiles.ts';

const joint = colourOf('#8a5f40');
const lead = colourOf('#1d1614');
const pitch = 1 / 32;
const outline = 0.0062;

/** How one stone differs from the next: its shape's colour, a tint of its own, and how its face is tipped. */
type Stone = { shape: Shape | undefined; colour: Colour; tint: Colour; tipAlong: number; tipAcross: number };

/** Sets the picture, `side` x `side` pixels. */
export function setMosaic(side: number, seed: number): Picture {
  const noise = makeNoise(seed);
  const design = makeDesign(noise);
  const { tiles, find } = layTiles(pitch, (u, v) => outlineAngle(design, u, v), seed + 1);
  const random = makeRandom(seed + 2);
  const stones = tiles.map((tile): Stone => {
    const warmth = bell(random) * 0.07;
    const bright = 1 + bell(random) * 0.14;
    return {
      shape: shapeAt(design, tile.u, tile.v),
      colour: colourAt(design, tile.u, tile.v),
      tint: [bright * (1 + warmth), bright, bright * (1 - warmth)],
      tipAlong: bell(random) * 0.18,
      tipAcross: bell(random) * 0.18,
    };
  });
  const picture = makePicture(side, side);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const u = ((pixel % side) + 0.5) / side;
    const v = (Math.floor(pixel / side) + 0.5) / side;
    const wavy = 0.0022;
    const hit = find(u + wavy * noise(u * 60, v * 60), v + wavy * noise(u * 60 + 9, v * 60));
    const edge = distanceToOutline(design, u, v) - outline * (1 + 0.35 * noise(u * 18, v * 18));
    const stone = stones[hit.index];
    // An outline cuts the stones it crosses: the part beyond it is of the neighbour's colour.
    const cut = stone?.shape !== shapeAt(design, u, v);
    const colour = cut ? colourAt(design, u, v) : stone?.colour;
    picture.data.set(stone && colour ? lookOf(noise, stone, colour, hit, edge, u, v) : joint, pixel * 3);
  }
  return picture;
}

function lookOf(
  noise: Noise,
  stone: Stone,
  colour: Colour,
  hit: TileHit,
  edge: number,
  u: number,
  v: number,
): Colour {
  const grit = fbm(noise, u * 150, v * 150, 3);
  const clouding = fbm(noise, u * 30 + hit.index * 3.7, v * 30, 3);
  const groove = Math.min(hit.toEdge - 0.035, edge / pitch);
  // Light falls from the upper left: a face or a bevel that leans that way is brighter.
  const [leanU, leanV] = lean(stone, hit, smoothstep(0.16, 0.02, groove));
  const light = clamp(1 - leanU * 0.55 - leanV * 0.75 + grit * 0.22 + clouding * 0.3, 0.25, 1.9);
  const shine = clamp(-leanU * 0.5 - leanV * 0.7 - 0.34, 0, 1) * 0.35;
  const lit = (i: 0 | 1 | 2): number => colour[i] * stone.tint[i] * light + shine;
  const face: Colour = [lit(0), lit(1), lit(2)];
  const mortar = scaleColour(edge < 0.001 ? lead : joint, 1 + grit * 0.9);
  return mixColours(mortar, face, smoothstep(-0.02, 0.05, groove));
}

function lean(stone: Stone, hit: TileHit, bevel: number): [u: number, v: number] {
  const along =
    stone.tipAlong + Math.sign(hit.along) * (Math.abs(hit.along) > Math.abs(hit.across) ? bevel : 0) * 0.55;
  const across =
    stone.tipAcross +
    Math.sign(hit.across) * (Math.abs(hit.across) >= Math.abs(hit.along) ? bevel : 0) * 0.55;
  const { cos, sin } = hit.tile;
  return [along * cos - across * sin, along * sin + across * cos];
}
