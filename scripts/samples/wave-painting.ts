// The first sample style: a swirling evening sky over a rolling sea, in thick oil strokes.
import { type Canvas, type Flow, lightRelief, makeCanvas, pullStroke } from './brush-strokes.ts';
import { clamp, fbm, makeNoise, type Noise, smoothstep } from './noise.ts';
import { type Colour, colourOf, mixColours, type Picture, scaleColour } from './picture.ts';
import { bell, between, makeRandom, type Random } from './random.ts';

const night = ['#0b1540', '#12256b', '#1b3f9c', '#2f6fc4', '#6fa9d6', '#e8dfa8', '#f4c440', '#e8932a'].map(
  colourOf,
);
const sea = ['#06122e', '#0a2457', '#0f437f', '#16708f', '#2f9aa6', '#8ccbc0', '#f3ead0'].map(colourOf);
const accents = ['#e8932a', '#f4c440', '#c8553d', '#f3ead0'].map(colourOf);

/** Lengths as shares of the picture's side; `spin` is 1 clockwise, -1 against the clock. */
type Swirl = { x: number; y: number; radius: number; spin: number; glow: number };

const swirls: readonly Swirl[] = [
  { x: 0.64, y: 0.3, radius: 0.2, spin: 1, glow: 1.05 },
  { x: 0.2, y: 0.42, radius: 0.13, spin: -1, glow: 0.5 },
  { x: 0.26, y: 0.12, radius: 0.12, spin: 1, glow: 0.66 },
  { x: 0.97, y: 0.1, radius: 0.11, spin: -1, glow: 0.58 },
  { x: 0.95, y: 0.55, radius: 0.09, spin: -1, glow: 0.5 },
];
const seaLevel = 0.66;

/** Paints the picture, `side` x `side` pixels. */
export function paintWaves(side: number, seed: number): Picture {
  const noise = makeNoise(seed);
  const random = makeRandom(seed + 1);
  const flow: Flow = (x, y) => flowAt(noise, x / side, y / side);
  const canvas = makeCanvas(side, side, colourOf('#0b1540'));
  const layers = [
    { width: 0.034, length: 0.13, spacing: 0.017 },
    { width: 0.02, length: 0.1, spacing: 0.0105 },
    { width: 0.012, length: 0.07, spacing: 0.0095 },
  ];
  for (const layer of layers) paintLayer(canvas, noise, flow, layer, random);
  lightRelief(canvas, 1.05);
  return canvas.paint;
}

function paintLayer(
  canvas: Canvas,
  noise: Noise,
  flow: Flow,
  layer: { width: number; length: number; spacing: number },
  random: Random,
): void {
  const side = canvas.paint.width;
  const count = Math.round(1.15 / layer.spacing ** 2);
  for (let i = 0; i < count; i++) {
    const x = between(random, -0.04, 1.04);
    const y = between(random, -0.04, 1.04);
    const width = layer.width * side * between(random, 0.6, 1.25);
    const length = layer.length * side * between(random, 0.55, 1.3);
    const colour = colourAt(noise, x, y, random);
    pullStroke(canvas, flow, { x: x * side, y: y * side, width, length, colour }, random);
  }
}

/** Height of the sea's wave lines: which swell a place belongs to and how far up its face it lies (0 to 1). */
function swellAt(noise: Noise, x: number, y: number): number {
  const depth = (y - seaLevel) / (1 - seaLevel);
  const bend = 0.55 * Math.sin(x * 7 + depth * 5) + 0.9 * fbm(noise, x * 2.2, depth * 1.4 + 4, 3);
  return Math.sqrt(Math.max(depth, 0)) * 4.6 + bend * (0.35 + 0.5 * depth);
}

function flowAt(noise: Noise, x: number, y: number): number {
  let right = 1;
  let down = 0.25 * Math.sin(x * 5 + 1) + fbm(noise, x * 2.5, y * 2.5, 3) * 1.1;
  if (y > seaLevel) {
    const step = 0.004;
    right = swellAt(noise, x, y + step) - swellAt(noise, x, y - step);
    down = -(swellAt(noise, x + step, y) - swellAt(noise, x - step, y));
    return Math.atan2(down, right);
  }
  for (const swirl of swirls) {
    const dx = x - swirl.x;
    const dy = y - swirl.y;
    const away = Math.hypot(dx, dy) + 1e-6;
    const pull = 9 * Math.exp(-((away / (swirl.radius * 1.25)) ** 2)) * swirl.spin;
    right += (-dy / away) * pull - (dx / away) * pull * swirl.spin * 0.22;
    down += (dx / away) * pull - (dy / away) * pull * swirl.spin * 0.22;
  }
  return Math.atan2(down, right);
}

function colourAt(noise: Noise, x: number, y: number, random: Random): Colour {
  if (random() < 0.006) return accents[Math.floor(random() * accents.length)] ?? [0, 0, 0];
  const tone = y > seaLevel ? seaTone(noise, x, y) : skyTone(noise, x, y);
  const ramp = y > seaLevel ? sea : night;
  return scaleColour(alongRamp(ramp, tone + bell(random) * 0.05), 1 + bell(random) * 0.12);
}

function skyTone(noise: Noise, x: number, y: number): number {
  let tone = 0.2 + 0.34 * fbm(noise, x * 3 + 9, y * 5, 4) + 0.4 * smoothstep(0.42, seaLevel, y);
  for (const swirl of swirls) {
    const dx = x - swirl.x;
    const dy = y - swirl.y;
    const away = Math.hypot(dx, dy) / swirl.radius;
    const bands = Math.sin(Math.atan2(dy, dx) * swirl.spin - away * 6.5);
    tone +=
      swirl.glow * Math.exp(-(away ** 2) * 1.1) * 0.82 + bands * 0.13 * Math.exp(-((away - 1) ** 2) * 1.5);
  }
  return clamp(tone, 0, 1);
}

function seaTone(noise: Noise, x: number, y: number): number {
  const swell = swellAt(noise, x, y);
  const face = swell - Math.floor(swell);
  const foam = smoothstep(0.84, 0.98, face + 0.12 * fbm(noise, x * 9, y * 9, 3));
  const gleam = Math.exp(-(((x - 0.64) / 0.12) ** 2)) * smoothstep(0.95, seaLevel, y) * 0.4;
  return clamp(0.06 + 0.62 * face ** 1.7 + foam * 0.4 + gleam, 0, 1);
}

function alongRamp(ramp: readonly Colour[], t: number): Colour {
  const at = clamp(t, 0, 1) * (ramp.length - 1);
  const low = Math.min(Math.floor(at), ramp.length - 2);
  return mixColours(ramp[low] ?? [0, 0, 0], ramp[low + 1] ?? [0, 0, 0], at - low);
}
