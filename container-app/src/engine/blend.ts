// Mixes a painting with its photograph, in a small graph of ONNX Runtime. It owns the mixing of two pictures of one
// size, and how the photograph's own colours are kept.
import { buildOnnxModel, elementType, type GraphSpec } from './model/onnx-graph.ts';
import { openSession, type Session, type TensorData } from './model/session.ts';
import type { Pixels } from './pixels.ts';

export interface BlendWeights {
  /** 0..1: how much of the photograph's colour (chroma) takes the place of the painting's. */
  readonly keep: number;
  /** 0..1: how much of the painting there is; the rest is the photograph. */
  readonly mix: number;
}

export interface Blender {
  /**
   * out = mix (painted + keep (chroma(photo) - chroma(painted))) + (1 - mix) photo, where chroma(x) = x - luma(x);
   * rounded and clipped to 0..255. Both pictures have the same size. May return one of the two pictures themselves.
   */
  blend(photo: Pixels, painted: Pixels, weights: BlendWeights): Promise<Pixels>;
  dispose(): Promise<void>;
}

/** Luma of gamma-encoded red, green and blue: Recommendation ITU-R BT.601-7, section 2.5.1. */
export const lumaWeights = [0.299, 0.587, 0.114] as const;

/** Pixels in one run of the graph. Its float copies of them take about 12 MB, whatever the size of the picture. */
const bandPixels = 1 << 18;

/**
 * The formula is linear in both pictures, so it is one 3 x 3 matrix for each of them. Pixels are rows of three
 * numbers here; where a row of the picture ends does not matter.
 */
const blendGraph: GraphSpec = {
  name: 'blend',
  inputs: [
    { name: 'photo', type: 'uint8', shape: ['pixels', 3] },
    { name: 'painted', type: 'uint8', shape: ['pixels', 3] },
    { name: 'photo_matrix', type: 'float32', shape: [3, 3] },
    { name: 'painted_matrix', type: 'float32', shape: [3, 3] },
  ],
  outputs: [{ name: 'blended', type: 'uint8', shape: ['pixels', 3] }],
  constants: [
    { name: 'black', type: 'float32', shape: [], values: [0] },
    { name: 'white', type: 'float32', shape: [], values: [255] },
  ],
  nodes: [
    { op: 'Cast', inputs: ['photo'], outputs: ['photo_float'], attributes: { to: elementType.float32 } },
    { op: 'Cast', inputs: ['painted'], outputs: ['painted_float'], attributes: { to: elementType.float32 } },
    { op: 'MatMul', inputs: ['photo_float', 'photo_matrix'], outputs: ['photo_part'] },
    { op: 'MatMul', inputs: ['painted_float', 'painted_matrix'], outputs: ['painted_part'] },
    { op: 'Add', inputs: ['photo_part', 'painted_part'], outputs: ['sum'] },
    { op: 'Round', inputs: ['sum'], outputs: ['rounded'] },
    { op: 'Clip', inputs: ['rounded', 'black', 'white'], outputs: ['clipped'] },
    { op: 'Cast', inputs: ['clipped'], outputs: ['blended'], attributes: { to: elementType.uint8 } },
  ],
};

/** Opens the graph. It runs on the CPU always: the way to a GPU and back takes longer than the sum. */
export async function makeBlender(): Promise<Blender> {
  const session = await openSession(buildOnnxModel(blendGraph), { providers: ['cpu'] });
  return {
    blend: (photo, painted, weights) => blend(session, photo, painted, weights),
    dispose: () => session.dispose(),
  };
}

async function blend(
  session: Session,
  photo: Pixels,
  painted: Pixels,
  { keep, mix }: BlendWeights,
): Promise<Pixels> {
  const { width, height } = photo;
  if (painted.width !== width || painted.height !== height) {
    throw new RangeError(
      `Expected ${width} x ${height} for the painting, received ${painted.width} x ${painted.height}.`,
    );
  }
  if (mix === 0) return photo;
  if (mix === 1 && keep === 0) return painted;
  const matrices = {
    photo_matrix: matrix((same, luma) => (1 - mix) * same + mix * keep * (same - luma)),
    painted_matrix: matrix((same, luma) => mix * (same - keep * (same - luma))),
  };
  const data = new Uint8Array(photo.data.length);
  for (let start = 0; start < data.length; start += bandPixels * 3) {
    const band = { photo: rows(photo.data, start), painted: rows(painted.data, start), ...matrices };
    const { blended } = await session.run(band);
    if (blended?.type === 'uint8') data.set(blended.data, start);
  }
  return { data, width, height };
}

/** A view of the band that begins at byte `start`. */
function rows(data: Uint8Array, start: number): TensorData {
  const band = data.subarray(start, start + bandPixels * 3);
  return { type: 'uint8', dims: [band.length / 3, 3], data: band };
}

/** Row: from which channel; column: to which. `same` is the identity, `luma` the share of the channel in luma. */
function matrix(entry: (same: number, luma: number) => number): TensorData {
  const values = lumaWeights.flatMap((luma, from) => [0, 1, 2].map((to) => entry(from === to ? 1 : 0, luma)));
  return { type: 'float32', dims: [3, 3], data: Float32Array.from(values) };
}
