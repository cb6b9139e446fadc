// Tiny models for tests: whole model folders whose result can be computed by hand.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pixels } from '../pixels.ts';
import {
  buildOnnxModel,
  type ConstantSpec,
  elementType,
  type GraphSpec,
  type NodeSpec,
  type TensorType,
  type ValueSpec,
} from './onnx-graph.ts';

/** What a test says of a model; schema version, version, licence and the hashes of the files are filled in. */
export interface TinyModel {
  readonly name: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Writes a model to `parent/name` and returns that folder. */
export async function writeModel(parent: string, { name, manifest, files }: TinyModel): Promise<string> {
  const folder = join(parent, name);
  await mkdir(folder, { recursive: true });
  const hashes: Record<string, string> = {};
  for (const [file, bytes] of Object.entries(files)) {
    await writeFile(join(folder, file), bytes);
    hashes[file] = createHash('sha256').update(bytes).digest('hex');
  }
  const whole = { schema_version: 1, name, version: '1.0.0', licence: 'MIT', files: hashes, ...manifest };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(whole));
  return folder;
}

/** A temporary folder that a test removes. */
export function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'impasto-model-'));
}

export function image(name: string, type: TensorType, layout: 'NHWC' | 'NCHW' = 'NCHW'): ValueSpec {
  return { name, type, shape: layout === 'NCHW' ? [1, 3, 'height', 'width'] : [1, 'height', 'width', 3] };
}

export function node(
  op: string,
  inputs: string,
  outputs: string,
  attributes?: NodeSpec['attributes'],
): NodeSpec {
  const values = { op, inputs: inputs.split(' '), outputs: outputs.split(' ') };
  return attributes === undefined ? values : { ...values, attributes };
}

export function constant(name: string, shape: readonly number[], values: readonly number[]): ConstantSpec {
  return { name, type: 'float32', shape, values };
}

/** A graph from `content` to `image`. */
function paintGraph(graph: Omit<GraphSpec, 'name'>): Uint8Array {
  return buildOnnxModel({ name: 'paint', ...graph });
}

/** A `fixed-style` model: `nodes` lead from `content` to `image`. */
export function fixedStyle(
  name: string,
  tensors: { content: Record<string, unknown>; image: Record<string, unknown> },
  graph: Omit<GraphSpec, 'name'>,
  more: Readonly<Record<string, unknown>> = {},
): TinyModel {
  const paint = {
    file: 'paint.onnx',
    content: { tensor: 'content', ...tensors.content },
    image: { tensor: 'image', ...tensors.image },
  };
  return {
    name,
    manifest: { kind: 'fixed-style', graphs: { paint }, ...more },
    files: { 'paint.onnx': paintGraph(graph) },
  };
}

/** The negative, by a float NCHW network with values of -1..1. */
export function negativeModel(name: string, type: 'float16' | 'float32' = 'float32'): TinyModel {
  const tensor = { layout: 'NCHW', type, range: [-1, 1] };
  return fixedStyle(
    name,
    { content: tensor, image: tensor },
    {
      inputs: [image('content', type)],
      outputs: [image('image', type)],
      nodes: [node('Neg', 'content', 'image')],
    },
  );
}

/** Content and the style's mean colour, half and half; float NCHW of 0..1, sides must be multiples of 8. */
export function meanStyleModel(name: string): TinyModel {
  const tensor = { layout: 'NCHW', type: 'float32', range: [0, 1] };
  const paint = {
    file: 'paint.onnx',
    content: { tensor: 'content', ...tensor },
    style: { tensor: 'style', ...tensor },
    image: { tensor: 'image', ...tensor },
  };
  const graph = paintGraph({
    inputs: [image('content', 'float32'), image('style', 'float32')],
    outputs: [image('image', 'float32')],
    nodes: [
      // There and back again; fails where a side is no multiple of 8.
      node('SpaceToDepth', 'content', 'blocks', { blocksize: 8 }),
      node('DepthToSpace', 'blocks', 'same', { blocksize: 8 }),
      node('ReduceMean', 'style', 'mean', { axes: [2, 3] }),
      node('Add', 'same mean', 'sum'),
      node('Mul', 'sum half', 'image'),
    ],
    constants: [constant('half', [], [0.5])],
  });
  return {
    name,
    manifest: { kind: 'content-style', graphs: { paint }, content_size: { multiple_of: 8 } },
    files: { 'paint.onnx': graph },
  };
}

/** The style's mean colour is the code, and `influence` mixes it in; uint8 NHWC. */
export function meanCodeModel(name: string): TinyModel {
  const code: ValueSpec = { name: 'code', type: 'float32', shape: [1, 3] };
  const encode = buildOnnxModel({
    name: 'encode',
    inputs: [image('style', 'uint8', 'NHWC')],
    outputs: [code],
    nodes: [
      node('Cast', 'style', 'float', { to: elementType.float32 }),
      node('ReduceMean', 'float', 'code', { axes: [1, 2], keepdims: 0 }),
    ],
  });
  const paint = paintGraph({
    inputs: [image('content', 'uint8', 'NHWC'), code, { name: 'amount', type: 'float32', shape: [] }],
    outputs: [image('image', 'uint8', 'NHWC')],
    nodes: [
      node('Cast', 'content', 'float', { to: elementType.float32 }),
      node('Sub', 'code float', 'difference'),
      node('Mul', 'difference amount', 'step'),
      node('Add', 'float step', 'sum'),
      node('Round', 'sum', 'rounded'),
      node('Cast', 'rounded', 'image', { to: elementType.uint8 }),
    ],
  });
  const graphs = {
    encode: { file: 'encode.onnx', style: { tensor: 'style' }, code: 'code' },
    paint: { file: 'paint.onnx', content: { tensor: 'content' }, code: 'code', image: { tensor: 'image' } },
  };
  return {
    name,
    manifest: { kind: 'style-code', graphs, knobs: { influence: 'amount' }, style_size: { side: 64 } },
    files: { 'encode.onnx': encode, 'paint.onnx': paint },
  };
}

/** A picture without any symmetry: every pixel and channel differs from its neighbours. */
export function testPicture(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set([(x * 7 + y) % 256, (y * 5 + x) % 256, (x * 3 + y * 2 + 90) % 256], (y * width + x) * 3);
    }
  }
  return { data, width, height };
}

/** One colour everywhere. */
export function plainPicture(
  width: number,
  height: number,
  colour: readonly [number, number, number],
): Pixels {
  return {
    data: Uint8Array.from({ length: width * height * 3 }, (_, index) => colour[index % 3] ?? 0),
    width,
    height,
  };
}

/** Each channel value of a picture put through `change`, which also sees the whole pixel and the channel. */
export function mapPixels(
  { data, width, height }: Pixels,
  change: (value: number, pixel: readonly number[], channel: number) => number,
): Pixels {
  const changed = data.map((value, index) =>
    Math.round(change(value, [...data.subarray(index - (index % 3), index - (index % 3) + 3)], index % 3)),
  );
  return { data: changed, width, height };
}
