// Oil paint: strokes laid bristle by bristle with colour and thickness, then lit so that the relief shows.
import { clamp } from './noise.ts';
import { blend, type Colour, makePicture, type Picture, scaleColour } from './picture.ts';
import { bell, between, type Random } from './random.ts';

/** A canvas of wet paint: its colours and how high the paint stands (0 bare, about 1 thick). */
export type Canvas = { paint: Picture; relief: Float32Array };

/** Angle of the brush's way at a place, in radians. */
export type Flow = (x: number, y: number) => number;

/** `width` and `length` in pixels. */
export type Stroke = { x: number; y: number; width: number; length: number; colour: Colour };

/** An empty canvas in one ground colour. */
export function makeCanvas(width: number, height: number, ground: Colour): Canvas {
  const paint = makePicture(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) paint.data.set(ground, pixel * 3);
  return { paint, relief: new Float32Array(width * height) };
}

/** Pulls one stroke along the flow, its middle at the stroke's place. */
export function pullStroke(canvas: Canvas, flow: Flow, stroke: Stroke, random: Random): void {
  const path = tracePath(flow, stroke);
  const bristles = Math.ceil(stroke.width / 0.8);
  const load = between(random, 0.75, 1.15);
  for (let i = 0; i < bristles; i++) {
    const across = (2 * (i + 0.5)) / bristles - 1;
    dragBristle(canvas, path, random, {
      offset: (across * stroke.width) / 2,
      colour: scaleColour(stroke.colour, 1 + bell(random) * 0.13),
      // Paint is pushed aside to the stroke's edges, where it stands as two small walls.
      thickness: load * (0.5 + 0.5 * across ** 4 + bell(random) * 0.2),
      from: path.length * (0.1 * across * across + random() * 0.05),
      to: path.length * (1 - 0.12 * across * across - random() ** 2 * 0.3),
    });
  }
}

type Bristle = { offset: number; colour: Colour; thickness: number; from: number; to: number };
type Step = { x: number; y: number; normalX: number; normalY: number };

function tracePath(flow: Flow, stroke: Stroke): Step[] {
  const half = stroke.length / 2;
  let x = stroke.x;
  let y = stroke.y;
  for (let back = 0; back < half; back += 2) {
    const angle = flow(x, y);
    x -= 2 * Math.cos(angle);
    y -= 2 * Math.sin(angle);
  }
  const path: Step[] = [];
  for (let i = 0; i < stroke.length; i++) {
    const angle = flow(x, y);
    x += Math.cos(angle);
    y += Math.sin(angle);
    path.push({ x, y, normalX: -Math.sin(angle), normalY: Math.cos(angle) });
  }
  return path;
}

function dragBristle(canvas: Canvas, path: readonly Step[], random: Random, bristle: Bristle): void {
  const { width, height } = canvas.paint;
  const wobble = between(random, -0.4, 0.4);
  for (let i = Math.floor(bristle.from); i < bristle.to; i++) {
    const step = path[i];
    if (!step) continue;
    const x = Math.round(step.x + step.normalX * (bristle.offset + wobble));
    const y = Math.round(step.y + step.normalY * (bristle.offset + wobble));
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const along = i / path.length;
    const pixel = y * width + x;
    blend(canvas.paint, pixel, bristle.colour, along > 0.8 ? 0.6 : 0.92);
    const lip = along > 0.9 ? 0.25 : 0;
    canvas.relief[pixel] = (canvas.relief[pixel] ?? 0) * 0.3 + bristle.thickness * (1 - along * 0.3) + lip;
  }
}

/** Lights the canvas from the upper left, in place: slopes of paint brighten or darken, crests glint. */
export function lightRelief(canvas: Canvas, strength: number): void {
  const { width, height, data } = canvas.paint;
  const relief = softened(canvas.relief, width, height);
  const at = (x: number, y: number): number =>
    relief[clamp(y, 0, height - 1) * width + clamp(x, 0, width - 1)] ?? 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const slope = (at(x + 1, y) - at(x - 1, y)) * 0.6 + (at(x, y + 1) - at(x, y - 1)) * 0.8;
      const shade = clamp(1 + slope * strength, 0.45, 1.6);
      const glint = clamp(slope * strength - 0.42, 0, 1) ** 2 * 0.5;
      for (let i = (y * width + x) * 3; i < (y * width + x) * 3 + 3; i++)
        data[i] = (data[i] ?? 0) * shade + glint;
    }
  }
}

function softened(map: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(map.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const beside = (map[i - 1] ?? 0) + (map[i + 1] ?? 0) + (map[i - width] ?? 0) + (map[i + width] ?? 0);
      out[i] = (map[i] ?? 0) * 0.5 + beside * 0.125;
    }
  }
  return out;
}
