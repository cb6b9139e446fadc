// Compares what a manifest says of a graph with what the graph itself says, before the first picture.
import type { ImageTensor, Manifest, SizeRules } from './manifest.ts';
import type { Session, TensorInfo } from './session.ts';

/** What a manifest expects of one tensor. */
interface Expectation {
  readonly name: string;
  readonly type: string;
  readonly image?: ImageTensor;
  readonly size?: SizeRules;
  /** The tensor holds one value. */
  readonly single?: boolean;
}

/** One sentence for everything in which the painting graph differs from its manifest; empty if it fits. */
export function paintGraphProblems(manifest: Manifest, session: Session): string[] {
  const { paint } = manifest.graphs;
  const { influence, seed } = manifest.knobs;
  const inputs = [imageOf(paint.content, manifest.content_size)];
  if ('code' in paint) inputs.push({ name: paint.code, type: 'float32' });
  if ('style' in paint && 'style_size' in manifest) inputs.push(imageOf(paint.style, manifest.style_size));
  if (influence !== null) inputs.push({ name: influence, type: 'float32', single: true });
  if (seed !== null) inputs.push({ name: seed, type: 'int64', single: true });
  return graphProblems(paint.file, session, inputs, [imageOf(paint.image)]);
}

/** The same for the graph that turns a style picture into a code. */
export function encodeGraphProblems(manifest: Manifest, session: Session): string[] {
  if (manifest.kind !== 'style-code') return [];
  const { encode } = manifest.graphs;
  const inputs = [imageOf(encode.style, manifest.style_size)];
  return graphProblems(encode.file, session, inputs, [{ name: encode.code, type: 'float32' }]);
}

function imageOf(image: ImageTensor, size?: SizeRules): Expectation {
  return { name: image.tensor, type: image.type, image, ...(size === undefined ? {} : { size }) };
}

function graphProblems(
  file: string,
  session: Session,
  inputs: readonly Expectation[],
  outputs: readonly Expectation[],
): string[] {
  const problems = [
    ...inputs.flatMap((input) => tensorProblems(`the input ${input.name}`, input, session.inputs)),
    ...outputs.flatMap((output) => tensorProblems(`the output ${output.name}`, output, session.outputs)),
    ...session.inputs
      .filter((input) => !inputs.some(({ name }) => name === input.name))
      .map((input) => `expected the manifest to name the input ${input.name}`),
  ];
  return problems.map((problem) => `${file}: ${problem}`);
}

function tensorProblems(label: string, expected: Expectation, found: readonly TensorInfo[]): string[] {
  const tensor = found.find(({ name }) => name === expected.name);
  if (tensor === undefined) {
    return [`expected ${label}, received ${found.map(({ name }) => name).join(', ')}`];
  }
  const { type, shape } = tensor;
  const text = `[${shape.join(', ')}]`;
  return [
    ...(type === expected.type ? [] : [`expected type ${expected.type} for ${label}, received ${type}`]),
    ...(expected.single && shape.some((side) => typeof side === 'number' && side !== 1)
      ? [`expected one value for ${label}, received shape ${text}`]
      : []),
    ...(expected.image === undefined ? [] : shapeProblems(label, expected.image, expected.size, shape)),
  ];
}

/** A graph without a shape says nothing that could be wrong. */
function shapeProblems(
  label: string,
  { layout }: ImageTensor,
  size: SizeRules | undefined,
  shape: TensorInfo['shape'],
): string[] {
  const fixed = size?.fixed;
  const spatial = [fixed?.height ?? 'height', fixed?.width ?? 'width'];
  const expected = layout === 'NCHW' ? [1, 3, ...spatial] : [1, ...spatial, 3];
  const fits =
    shape.length === 4 &&
    shape.every((side, axis) => typeof side !== 'number' || side === expected[axis] || size === undefined);
  if (shape.length === 0 || fits) return [];
  return [`expected shape [${expected.join(', ')}] for ${label}, received [${shape.join(', ')}]`];
}
