// What the mosaic shows: a banded sun over terraced hills and two great leaves, as shapes with a signed distance.
import { fbm, type Noise } from './noise.ts';
import { type Colour, colourOf } from './picture.ts';

/** A shape: `distance` is negative inside, in shares of the picture's side; colours alternate in bands inwards. */
export type Shape = { distance: (u: number, v: number) => number; band: number; colours: readonly Colour[] };

const skyColours = [
  '#f7edd8',
  '#f6dfae',
  '#f3c77a',
  '#eeae5c',
  '#e8924d',
  '#e07a45',
  '#d4603c',
  '#bf4a35',
].map(colourOf);
const sunColours = ['#b5371f', '#e9a13b', '#f7edd8', '#d96b3a', '#f7d070', '#b5371f', '#f7edd8'].map(
  colourOf,
);
const hillColours = [
  ['#1f6f73', '#2f8f8a', '#14535b'],
  ['#c9643d', '#e08d55', '#a94a2c'],
  ['#2b8c86', '#7fbfae', '#1b6268'],
  ['#8e3420', '#c4482c', '#d9825a'],
  ['#123f4a', '#1f6f73', '#0d2f3a'],
].map((row) => row.map(colourOf));
const leafColours = [
  ['#f3e3c3', '#e9a13b', '#d98a2b'],
  ['#f0c060', '#f3e3c3', '#e9a13b'],
].map((row) => row.map(colourOf));

/** The shapes from back to front. */
export function makeDesign(noise: Noise): Shape[] {
  const sky: Shape = {
    distance: (u, v) => 0.19 - Math.hypot(u - 0.64, v - 0.3) + 0.012 * fbm(noise, u * 6, v * 6, 2),
    band: 0.085,
    colours: skyColours,
  };
  const sun: Shape = {
    distance: (u, v) => Math.hypot(u - 0.64, v - 0.3) - 0.2,
    band: 0.029,
    colours: sunColours,
  };
  const hills = hillColours.map((colours, i): Shape => {
    const crest = (u: number): number =>
      0.44 + i * 0.125 + (0.1 - i * 0.008) * Math.sin(u * (4.2 + i * 0.7) + i * 2.3 + 0.4);
    return { distance: (u, v) => (crest(u) - v) * 0.86, band: 0.034, colours };
  });
  const leaves = [
    leaf(0.1, 0.98, -1.32, 0.62, leafColours[0] ?? skyColours),
    leaf(0.34, 1.02, -0.85, 0.5, leafColours[1] ?? skyColours),
    leaf(0.93, 1.02, -1.95, 0.5, leafColours[0] ?? skyColours),
  ];
  return [sky, sun, ...hills, ...leaves];
}

/** A pointed leaf from its foot along an angle: the lens where two circles meet. */
function leaf(
  footU: number,
  footV: number,
  angle: number,
  length: number,
  colours: readonly Colour[],
): Shape {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const half = length / 2;
  const thick = length * 0.17;
  const radius = (half * half + thick * thick) / (2 * thick);
  const distance = (u: number, v: number): number => {
    const along = (u - footU) * cos + (v - footV) * sin - half;
    const across = Math.abs((v - footV) * cos - (u - footU) * sin);
    return Math.hypot(along, across + radius - thick) - radius;
  };
  return { distance, band: 0.026, colours };
}

/** The front-most shape at a place (the first one lies behind everything). */
export function shapeAt(design: readonly Shape[], u: number, v: number): Shape | undefined {
  return design.findLast((shape, i) => i === 0 || shape.distance(u, v) < 0);
}

/** Colour at a place before any tile is cut. */
export function colourAt(design: readonly Shape[], u: number, v: number): Colour {
  const shape = shapeAt(design, u, v);
  if (!shape) return [0, 0, 0];
  const band = Math.floor(Math.max(0, -shape.distance(u, v)) / shape.band);
  return shape.colours[band % shape.colours.length] ?? [0, 0, 0];
}

/** Distance to the nearest outline that is not hidden by a shape in front. */
export function distanceToOutline(design: readonly Shape[], u: number, v: number): number {
  let least = Infinity;
  for (let i = design.length - 1; i > 0; i--) {
    const distance = design[i]?.distance(u, v) ?? Infinity;
    least = Math.min(least, Math.abs(distance));
    if (distance < 0) break;
  }
  return least;
}

/** Angle of the outline of the front-most shape near a place, which rows of tiles follow. */
export function outlineAngle(design: readonly Shape[], u: number, v: number): number {
  const shape = shapeAt(design, u, v);
  if (!shape) return 0;
  const step = 0.002;
  const du = shape.distance(u + step, v) - shape.distance(u - step, v);
  const dv = shape.distance(u, v + step) - shape.distance(u, v - step);
  return Math.atan2(dv, du);
}
