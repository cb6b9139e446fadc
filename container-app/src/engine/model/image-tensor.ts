// Between 8-bit RGB pixels and the tensor that a network wants. The conversion is itself a small ONNX graph, so that no
// loop over pixels runs in JavaScript; a network that takes uint8 NHWC RGB gets the pixels as they are.
import { JobError } from '@impasto/shared';
import type { Pixels } from '../pixels.ts';
import type { ImageTensor } from './manifest.ts';
import {
  buildOnnxModel,
  type ConstantSpec,
  elementType,
  type NodeSpec,
  type ValueSpec,
} from './onnx-graph.ts';
import { openSession, type Session, type TensorData } from './session.ts';

export interface ImageEncoder {
  /** A tensor of batch 1. */
  encode(pixels: Pixels): Promise<TensorData>;
  dispose(): Promise<void>;
}

export interface ImageDecoder {
  /** Values outside the range of the tensor are clipped. Throws `JobError('model_failed')` if it is no picture. */
  decode(tensor: TensorData): Promise<Pixels>;
  dispose(): Promise<void>;
}

const pixelShape = [1, 'height', 'width', 3] as const;
const pixelValue = { type: 'uint8', shape: pixelShape } as const;

/** Converts pixels for an input of a network. */
export async function makeImageEncoder(image: ImageTensor): Promise<ImageEncoder> {
  const session = await openConversion(
    encoderSteps(image),
    { name: 'pixels', ...pixelValue },
    tensorOf(image),
  );
  return {
    encode: (pixels) => convert(session, toTensor(pixels)),
    dispose: async () => session?.dispose(),
  };
}

/** Converts an output of a network to pixels. */
export async function makeImageDecoder(image: ImageTensor): Promise<ImageDecoder> {
  const session = await openConversion(decoderSteps(image), tensorOf(image), {
    name: 'pixels',
    ...pixelValue,
  });
  return {
    decode: async (tensor) => toPixels(await convert(session, tensor)),
    dispose: async () => session?.dispose(),
  };
}

/** One step of a conversion: an operator, its attributes, and constants that follow its first input. */
interface Step {
  readonly op: string;
  readonly attributes?: NonNullable<NodeSpec['attributes']>;
  readonly constants?: readonly Omit<ConstantSpec, 'name'>[];
}

function encoderSteps(image: ImageTensor): Step[] {
  const { low, span } = rangeOf(image);
  const scale = image.std.map((std) => span / 255 / std);
  const offset = image.mean.map((mean, channel) => (low - mean) / (image.std[channel] ?? 1));
  return [
    ...(image.channels === 'bgr' ? [reverseChannels(3)] : []),
    ...(image.layout === 'NCHW' ? [transpose([0, 3, 1, 2])] : []),
    ...(image.type === 'uint8' ? [] : [cast('float32'), ...affine(image.layout, scale, offset)]),
    ...(image.type === 'float16' ? [cast('float16')] : []),
  ];
}

function decoderSteps(image: ImageTensor): Step[] {
  const { low, span } = rangeOf(image);
  const scale = image.std.map((std) => (std * 255) / span);
  const offset = image.mean.map((mean) => ((mean - low) * 255) / span);
  const float = [...affine(image.layout, scale, offset), clip, { op: 'Round' }, cast('uint8')];
  return [
    ...(image.type === 'float16' ? [cast('float32')] : []),
    ...(image.type === 'uint8' ? [] : float),
    ...(image.layout === 'NCHW' ? [transpose([0, 2, 3, 1])] : []),
    ...(image.channels === 'bgr' ? [reverseChannels(3)] : []),
  ];
}

function rangeOf({ range: [low, high] }: ImageTensor): { low: number; span: number } {
  return { low, span: high - low };
}

const clip: Step = {
  op: 'Clip',
  constants: [0, 255].map((value) => ({ type: 'float32', shape: [], values: [value] })),
};

function cast(type: keyof typeof elementType): Step {
  return { op: 'Cast', attributes: { to: elementType[type] } };
}

function transpose(perm: readonly number[]): Step {
  return { op: 'Transpose', attributes: { perm } };
}

function reverseChannels(axis: number): Step {
  return {
    op: 'Gather',
    attributes: { axis },
    constants: [{ type: 'int64', shape: [3], values: [2, 1, 0] }],
  };
}

/** Per channel `value * scale + offset`, without what changes nothing. */
function affine(layout: ImageTensor['layout'], scale: readonly number[], offset: readonly number[]): Step[] {
  const shape = layout === 'NCHW' ? [3, 1, 1] : [3];
  const step = (op: string, values: readonly number[]): Step => ({
    op,
    constants: [{ type: 'float32', shape, values }],
  });
  return [
    ...(scale.every((factor) => factor === 1) ? [] : [step('Mul', scale)]),
    ...(offset.every((term) => term === 0) ? [] : [step('Add', offset)]),
  ];
}

function tensorOf(image: ImageTensor): ValueSpec {
  const shape = image.layout === 'NCHW' ? [1, 3, 'height', 'width'] : pixelShape;
  return { name: 'tensor', type: image.type, shape };
}

/** No session where there is nothing to convert. Always on the CPU: the pixels are there, before and after. */
async function openConversion(
  steps: readonly Step[],
  input: ValueSpec,
  output: ValueSpec,
): Promise<Session | undefined> {
  if (steps.length === 0) return undefined;
  const constants: ConstantSpec[] = [];
  const nodes = steps.map((step, index): NodeSpec => {
    const own = (step.constants ?? []).map((constant, place) => ({
      ...constant,
      name: `c${index}_${place}`,
    }));
    constants.push(...own);
    return {
      op: step.op,
      inputs: [index === 0 ? input.name : `t${index}`, ...own.map(({ name }) => name)],
      outputs: [index === steps.length - 1 ? output.name : `t${index + 1}`],
      ...(step.attributes === undefined ? {} : { attributes: step.attributes }),
    };
  });
  const model = buildOnnxModel({ name: 'conversion', inputs: [input], outputs: [output], nodes, constants });
  return openSession(model, { providers: ['cpu'] });
}

async function convert(session: Session | undefined, value: TensorData): Promise<TensorData> {
  if (session === undefined) return value;
  const [input] = session.inputs;
  const results = await session.run(input === undefined ? {} : { [input.name]: value });
  return Object.values(results)[0] ?? value;
}

function toTensor({ data, width, height }: Pixels): TensorData {
  return { type: 'uint8', dims: [1, height, width, 3], data };
}

function toPixels({ type, dims, data }: TensorData): Pixels {
  const [batch, height, width, channels] = dims;
  const isPicture = dims.length === 4 && batch === 1 && channels === 3 && height && width;
  if (!isPicture || type !== 'uint8') {
    throw new JobError(
      'model_failed',
      `Expected a picture from the model, received ${type} [${dims.join(', ')}].`,
      { retryable: false },
    );
  }
  return { data, width, height };
}
