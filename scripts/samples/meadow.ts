// The near bank of the landscape: grass blade by blade, and flowers.
import { clamp, fbm, makeNoise, type Noise, smoothstep } from './noise.ts';
import { blend, type Colour, mixColours, type Picture, scaleColour } from './picture.ts';
import { bell, between, makeRandom, type Random } from './random.ts';

const earth: Colour = [0.016, 0.022, 0.008];
const greens: readonly Colour[] = [
  [0.1, 0.17, 0.02],
  [0.17, 0.21, 0.03],
  [0.06, 0.12, 0.028],
  [0.32, 0.27, 0.06],
];
const petals: readonly Colour[] = [
  [1.5, 1.4, 1.2],
  [1.5, 0.95, 0.08],
  [0.5, 0.2, 1.0],
  [1.3, 0.25, 0.3],
];

/** Row at which the bank meets the water in a picture of this size. */
function bankRow(noise: Noise, width: number, height: number, x: number): number {
  const across = x / width;
  const rise = 0.115 * smoothstep(0.46, 0.0, across) + 0.05 * smoothstep(0.66, 1, across);
  return height * (0.915 - rise + 0.012 * fbm(noise, across * 5, 3, 4));
}

/** Grows the bank over the lower edge of the picture, from its far rim to the viewer's feet. */
export function paintMeadow(picture: Picture, seed: number): void {
  const noise = makeNoise(seed);
  const random = makeRandom(seed + 1);
  const { width, height } = picture;
  const unit = height / 853;
  for (let x = 0; x < width; x++) {
    for (let y = Math.floor(bankRow(noise, width, height, x)); y < height; y++) {
      blend(picture, y * width + x, earth, 1);
    }
  }
  for (let row = height * 0.78; row < height * 1.06; row += 0.6 * unit) {
    const near = (row / height - 0.78) / 0.28;
    const tall = (5 + 46 * near ** 1.5) * unit;
    const blades = Math.round((width / unit) * (0.3 - 0.2 * near));
    for (let i = 0; i < blades; i++) {
      const x = random() * width;
      if (row < bankRow(noise, width, height, x)) continue;
      growBlade(picture, noise, random, { x, row, tall, near, unit });
    }
    if (near < 0.95) plantFlowers(picture, noise, random, row, near, unit);
  }
}

type Place = { x: number; row: number; tall: number; near: number; unit: number };

function growBlade(picture: Picture, noise: Noise, random: Random, at: Place): void {
  const patch = fbm(noise, at.x / (90 * at.unit), at.row / (30 * at.unit), 4);
  const tall = at.tall * clamp(0.75 + bell(random) * 0.3 + patch * 0.6, 0.2, 2);
  const lean = tall * (bell(random) * 0.22 + 0.12 + patch * 0.3);
  const thick = (0.45 + 1.1 * at.near) * at.unit;
  const green =
    greens[Math.min(3, Math.floor(random() * 3 + smoothstep(0, 0.5, patch + random() * 0.35)))] ?? earth;
  const sun = clamp(0.75 + patch * 1.5 + bell(random) * 0.25, 0.15, 1.7);
  const steps = Math.ceil(tall * 1.3) + 2;
  for (let i = 0; i < steps; i++) {
    const t = i / steps;
    const colour = scaleColour(green, (0.18 + 1.75 * t * t) * sun);
    spot(picture, at.x + lean * t * t, at.row - tall * t, thick * (1 - t * 0.8), colour);
  }
}

function plantFlowers(
  picture: Picture,
  noise: Noise,
  random: Random,
  row: number,
  near: number,
  unit: number,
): void {
  const { width, height } = picture;
  for (let i = 0; i < 5; i++) {
    const x = random() * width;
    const kind = Math.floor(random() * petals.length);
    const cluster = fbm(noise, x / (150 * unit) + kind * 31, row / (60 * unit), 3);
    if (cluster < 0.12 || row < bankRow(noise, width, height, x) + 4 * unit) continue;
    const size = (0.8 + 3.4 * near) * unit * between(random, 0.7, 1.2);
    const head = row - (6 + 34 * near) * unit * between(random, 0.6, 1.1);
    const colour = mixColours(petals[kind] ?? earth, [1, 1, 1], random() * 0.2);
    for (let petal = 0; petal < 6; petal++) {
      const turn = (petal / 6) * Math.PI * 2 + random();
      spot(
        picture,
        x + Math.cos(turn) * size * 0.7,
        head + Math.sin(turn) * size * 0.45,
        size * 0.5,
        scaleColour(colour, 0.6 + 0.25 * Math.sin(-turn) + 0.15 * random()),
      );
    }
    spot(picture, x, head, size * 0.32, [0.7, 0.42, 0.03]);
  }
}

/** A round dot with a soft edge, radius in pixels. */
function spot(picture: Picture, x: number, y: number, radius: number, colour: Colour): void {
  const reach = radius + 0.5;
  for (let py = Math.max(0, Math.floor(y - reach)); py <= Math.min(picture.height - 1, y + reach); py++) {
    for (let px = Math.max(0, Math.floor(x - reach)); px <= Math.min(picture.width - 1, x + reach); px++) {
      const cover = clamp(reach - Math.hypot(px + 0.5 - x, py + 0.5 - y), 0, 1);
      if (cover > 0) blend(picture, py * picture.width + px, colour, cover);
    }
  }
}
