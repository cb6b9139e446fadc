// A field of square tiles that turn with a direction field (Alejo Hausner, "Simulating Decorative Mosaics", SIGGRAPH 2001).
import { between, makeRandom, type Random } from './random.ts';

/** Angle in radians that a tile's edge follows at a place (0 to 1 across and down). */
export type Direction = (u: number, v: number) => number;

/** Centre in shares of the picture's side, and the cosine and sine of its turn. */
export type Tile = { u: number; v: number; cos: number; sin: number };

/** What the tiles look like from one place: the tile it belongs to, where on it, and how far its edge is. */
export type TileHit = { tile: Tile; index: number; along: number; across: number; toEdge: number };

/** Finds the tile at a place; distances are in shares of a tile's width. */
export type FindTile = (u: number, v: number) => TileHit;

const relaxations = 9;
const samplesPerTile = 7;

/** Spreads tiles about `pitch` apart until they lie evenly, each turned to the direction field. */
export function layTiles(
  pitch: number,
  direction: Direction,
  seed: number,
): { tiles: Tile[]; find: FindTile } {
  const random = makeRandom(seed);
  let tiles = startTiles(pitch, direction, random);
  for (let round = 0; round < relaxations; round++) tiles = relax(tiles, pitch, direction);
  return { tiles, find: makeFinder(tiles, pitch) };
}

function startTiles(pitch: number, direction: Direction, random: Random): Tile[] {
  const tiles: Tile[] = [];
  for (let v = -pitch; v < 1 + pitch * 1.5; v += pitch) {
    for (let u = -pitch; u < 1 + pitch * 1.5; u += pitch) {
      tiles.push(
        turned(u + between(random, -0.4, 0.4) * pitch, v + between(random, -0.4, 0.4) * pitch, direction),
      );
    }
  }
  return tiles;
}

function turned(u: number, v: number, direction: Direction): Tile {
  const angle = direction(u, v);
  return { u, v, cos: Math.cos(angle), sin: Math.sin(angle) };
}

/** One round of Lloyd's method: every tile moves to the middle of the ground that is nearest to it. */
function relax(tiles: readonly Tile[], pitch: number, direction: Direction): Tile[] {
  const find = makeFinder(tiles, pitch);
  const sums = new Float64Array(tiles.length * 3);
  const step = pitch / samplesPerTile;
  for (let v = -pitch; v < 1 + pitch; v += step) {
    for (let u = -pitch; u < 1 + pitch; u += step) {
      const at = find(u, v).index * 3;
      sums[at] = (sums[at] ?? 0) + u;
      sums[at + 1] = (sums[at + 1] ?? 0) + v;
      sums[at + 2] = (sums[at + 2] ?? 0) + 1;
    }
  }
  return tiles.map((tile, i) => {
    const count = sums[i * 3 + 2] ?? 0;
    if (count === 0) return tile;
    return turned((sums[i * 3] ?? 0) / count, (sums[i * 3 + 1] ?? 0) / count, direction);
  });
}

function makeFinder(tiles: readonly Tile[], pitch: number): FindTile {
  const columns = Math.ceil(1 / pitch) + 8;
  const bins: number[][] = Array.from({ length: columns * columns }, () => []);
  const binOf = (value: number): number => Math.min(Math.max(Math.floor(value / pitch) + 4, 0), columns - 1);
  tiles.forEach((tile, i) => {
    bins[binOf(tile.v) * columns + binOf(tile.u)]?.push(i);
  });
  return (u, v) => {
    const column = binOf(u);
    const row = binOf(v);
    let [index, first, second] = [0, Infinity, Infinity];
    for (let y = Math.max(0, row - 2); y <= Math.min(columns - 1, row + 2); y++) {
      for (let x = Math.max(0, column - 2); x <= Math.min(columns - 1, column + 2); x++) {
        for (const i of bins[y * columns + x] ?? []) {
          const distance = squareDistance(tiles[i], u, v);
          if (distance < first) [index, first, second] = [i, distance, first];
          else if (distance < second) second = distance;
        }
      }
    }
    const tile = tiles[index] ?? { u, v, cos: 1, sin: 0 };
    const [along, across] = within(tile, u, v);
    return {
      tile,
      index,
      along: along / pitch,
      across: across / pitch,
      toEdge: (second - first) / 2 / pitch,
    };
  };
}

function within(tile: Tile, u: number, v: number): [along: number, across: number] {
  const du = u - tile.u;
  const dv = v - tile.v;
  return [du * tile.cos + dv * tile.sin, dv * tile.cos - du * tile.sin];
}

/** Distance in the tile's own turned frame; a high norm makes the tiles square with slightly round corners. */
function squareDistance(tile: Tile | undefined, u: number, v: number): number {
  if (!tile) return Infinity;
  const du = u - tile.u;
  const dv = v - tile.v;
  const a = du * tile.cos + dv * tile.sin;
  const b = dv * tile.cos - du * tile.sin;
  const a2 = a * a;
  const b2 = b * b;
  return Math.sqrt(Math.sqrt(a2 * a2 + b2 * b2));
}
