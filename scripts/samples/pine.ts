// A spruce, grown branch by branch into a small grey stamp that the forest prints many times.
import { clamp } from './noise.ts';
import { between, makeRandom, type Random } from './random.ts';

/** `light` 0 (deep shade) to about 1 (full sun) and `cover` 0 to 1, `width` x `height`; the foot stands bottom centre. */
export type Stamp = { width: number; height: number; light: Float32Array; cover: Float32Array };

/** The same tree at full size and halved again and again, for printing small without flicker. */
export type Pine = readonly Stamp[];

const fullHeight = 640;
const fullWidth = 320;
const whorls = 34;

/** Grows one tree, lit from the left. */
export function growPine(seed: number): Pine {
  const random = makeRandom(seed);
  const size = fullWidth * fullHeight;
  const stamp = {
    width: fullWidth,
    height: fullHeight,
    light: new Float32Array(size),
    cover: new Float32Array(size),
  };
  drawTrunk(stamp, random);
  for (const branch of branches(random)) drawBranch(stamp, branch, random);
  return halvings(stamp);
}

type Branch = { up: number; length: number; turn: number; droop: number };

/** All branches, those on the far side first. */
function branches(random: Random): Branch[] {
  const all: Branch[] = [];
  const lean = between(random, 0.75, 1);
  for (let whorl = 0; whorl < whorls; whorl++) {
    const down = (whorl + 0.4) / whorls;
    const reach = (0.06 + 0.94 * down ** 0.82) * fullWidth * 0.44 * lean * (down > 0.94 ? 0.72 : 1);
    const count = 6 + Math.round(down * 7);
    for (let i = 0; i < count; i++) {
      all.push({
        up: (1 - down) * fullHeight * 0.93 + fullHeight * 0.045 + between(random, -7, 7),
        length: reach * between(random, 0.55, 1.1),
        turn: random() * Math.PI * 2,
        droop: between(random, 0.1, 0.42) + down * 0.12,
      });
    }
  }
  return all.sort((a, b) => Math.sin(a.turn) - Math.sin(b.turn));
}

function drawTrunk(stamp: Stamp, random: Random): void {
  for (let y = Math.round(fullHeight * 0.1); y < fullHeight; y++) {
    const half = 1 + (5 * y) / fullHeight;
    for (let x = Math.ceil(fullWidth / 2 - half); x < fullWidth / 2 + half; x++) {
      dab(stamp, x, y, 0.16 + (x < fullWidth / 2 ? 0.2 : 0) * random(), 1);
    }
  }
}

function drawBranch(stamp: Stamp, branch: Branch, random: Random): void {
  const side = Math.cos(branch.turn);
  const towards = Math.sin(branch.turn);
  const steps = Math.ceil(branch.length / 1.6) + 3;
  for (let step = 0; step <= steps; step++) {
    const t = step / steps;
    const x = fullWidth / 2 + side * branch.length * t;
    const curve = branch.droop * t - 0.22 * t * t;
    const y = fullHeight - branch.up + branch.length * (curve + towards * 0.2 * t);
    const sun = clamp(0.42 - 0.5 * side * t + 0.16 * towards, 0, 1) * (0.35 + 0.65 * t);
    const hang = 3 + branch.length * 0.1 * (1 - t * 0.7);
    for (let needle = 0; needle < 4; needle++) {
      const drop = random() * hang;
      const shade = clamp(sun * between(random, 0.6, 1.35) * (1.15 - (drop / hang) * 0.85), 0.02, 1.1);
      drawNeedle(
        stamp,
        x + between(random, -2.5, 2.5),
        y + drop - 1,
        side * 1.6 + between(random, -1, 1),
        shade,
      );
    }
  }
}

function drawNeedle(stamp: Stamp, x: number, y: number, slant: number, light: number): void {
  for (let i = 0; i < 4; i++)
    dab(stamp, Math.round(x + (slant * i) / 3), Math.round(y + i * 0.9), light, 0.85);
}

function dab(stamp: Stamp, x: number, y: number, light: number, cover: number): void {
  if (x < 0 || y < 0 || x >= stamp.width || y >= stamp.height) return;
  const i = y * stamp.width + x;
  stamp.light[i] = (stamp.light[i] ?? 0) * (1 - cover) + light * cover;
  stamp.cover[i] = (stamp.cover[i] ?? 0) * (1 - cover) + cover;
}

function halvings(full: Stamp): Stamp[] {
  const all = [full];
  for (let last = full; last.height > 10; ) {
    last = halve(last);
    all.push(last);
  }
  return all;
}

/** Half the size; `light` stays multiplied by `cover`, as it was dabbed. */
function halve(stamp: Stamp): Stamp {
  const width = Math.floor(stamp.width / 2);
  const height = Math.floor(stamp.height / 2);
  const half = (map: Float32Array): Float32Array => {
    const out = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * 2 * stamp.width + x * 2;
        const below = i + stamp.width;
        out[y * width + x] =
          ((map[i] ?? 0) + (map[i + 1] ?? 0) + (map[below] ?? 0) + (map[below + 1] ?? 0)) / 4;
      }
    }
    return out;
  };
  return { width, height, light: half(stamp.light), cover: half(stamp.cover) };
}
