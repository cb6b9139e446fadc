// ONNX Runtime behind a two-method interface. The only file that knows it.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { JobError, messageOf } from '@impasto/shared';
import * as ort from 'onnxruntime-node';
import type { TensorType } from './onnx-graph.ts';

/** Values of a tensor, row by row. Half-precision values are kept as their 16 bits. */
export type TensorData =
  | { readonly type: 'uint8'; readonly dims: readonly number[]; readonly data: Uint8Array }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: 'float16'; readonly dims: readonly number[]; readonly data: Uint16Array }
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array };

/**
 * On the CPU without ONNX Runtime's arena, which never gives memory back: impasto-v1 at 4096 x 4096 peaked at 6.5 GB with
 * it and stayed there, and at 2.6 GB without. What speed that costs comes back when glibc keeps freed tensors of moderate
 * size (MALLOC_MMAP_THRESHOLD_=128 MiB, MALLOC_TRIM_THRESHOLD_=512 MiB: 3.1 GB, 1024 x 1024 as fast as with the arena).
 * The log is off because what it would say is thrown.
 */
const cpuOptions = { enableCpuMemArena: false, enableMemPattern: false, logSeverityLevel: 4 } as const;
const gpuOptions = { logSeverityLevel: 4 } as const;

keepHalfPrecisionAsBits();

/** What a graph says of one of its inputs or outputs; a text in `shape` is a size that may vary. */
export interface TensorInfo {
  readonly name: string;
  /** A type of ONNX, for example `uint8`; only those of `TensorData` can be fed. */
  readonly type: TensorType | (string & {});
  readonly shape: readonly (number | string)[];
}

/** A loaded graph. */
export interface Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** The execution provider that is really in use, for example `cpu` or `cuda`. */
  readonly provider: string;
  /**
   * Blocks the event loop until the graph has run. Neither inputs nor outputs are copied value by value.
   * Throws `JobError('model_failed')`.
   */
  run(feeds: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>>;
  dispose(): Promise<void>;
}

export interface SessionOptions {
  /** Execution providers in order of preference, for example `['cuda', 'cpu']`; the first one must load. */
  readonly providers: readonly string[];
}

/**
 * Opens a model file (a path) or the bytes of one.
 * Throws `JobError('model_unavailable')`; a provider that cannot be loaded is never replaced by another one.
 */
export async function openSession(model: string | Uint8Array, options: SessionOptions): Promise<Session> {
  const provider = firstProvider(options.providers);
  const session = await createSession(model, options.providers);
  return {
    inputs: session.inputMetadata.map(tensorInfo),
    outputs: session.outputMetadata.map(tensorInfo),
    provider,
    run: (feeds) => run(session, feeds),
    dispose: () => session.release(),
  };
}

/** The provider that a session will use: the first one, since none is left out when it cannot be loaded. */
function firstProvider(providers: readonly string[]): string {
  const [first, ...others] = providers;
  if (first === undefined || (first === 'cpu' && others.length > 0)) {
    const received = first === undefined ? 'nothing' : providers.join(',');
    throw unavailable(
      `Expected EXECUTION_PROVIDERS such as cpu or cuda,cpu (cpu last), received ${received}.`,
    );
  }
  if (providers.includes('cuda') && !hasCudaBuild()) {
    throw unavailable(
      'Expected the CUDA libraries of ONNX Runtime for the execution provider cuda, received an installation without ' +
        'them: use the GPU image, or set EXECUTION_PROVIDERS=cpu.',
    );
  }
  return first;
}

/** Whether the library that drives CUDA was installed; asked before ONNX Runtime prints its own pages about it. */
function hasCudaBuild(): boolean {
  const binaries = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '../bin');
  return readdirSync(binaries).some((folder) =>
    existsSync(join(binaries, folder, process.platform, process.arch, 'libonnxruntime_providers_cuda.so')),
  );
}

async function createSession(
  model: string | Uint8Array,
  providers: readonly string[],
): Promise<ort.InferenceSession> {
  const memory = providers[0] === 'cpu' ? cpuOptions : gpuOptions;
  const options: ort.InferenceSession.SessionOptions = { ...memory, executionProviders: providers };
  try {
    // Two calls, because the overloads take either a path or bytes.
    return typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  } catch (error) {
    throw unavailable(loadProblem(model, providers, messageOf(error)), error);
  }
}

function loadProblem(model: string | Uint8Array, providers: readonly string[], received: string): string {
  const graph = typeof model === 'string' ? `the model file ${model}` : 'a model';
  if (!/ExecutionProvider_|CUDA|CUDNN|CUBLAS|backend not found/i.test(received)) {
    return `Expected ${graph} to load, received: ${received}`;
  }
  return (
    `Expected the execution providers ${providers.join(',')} to load, received: ${received}. Use the GPU image on a ` +
    'machine with an NVIDIA driver (the log line before this one names what is missing), or set EXECUTION_PROVIDERS=cpu.'
  );
}

function unavailable(message: string, cause?: unknown): JobError {
  return new JobError('model_unavailable', message, { cause, retryable: false });
}

async function run(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, TensorData>>,
): Promise<Record<string, TensorData>> {
  try {
    const tensors = Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)] as const);
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(name, tensor)]));
  } catch (error) {
    if (error instanceof JobError) throw error;
    throw new JobError('model_failed', `The model could not run: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The JavaScript side of ONNX Runtime decides at its first tensor whether half precision is kept in a Float16Array;
 * its native side reads such an array as empty (github.com/microsoft/onnxruntime/pull/32323). So at that moment the
 * class is out of sight, and both sides agree on a Uint16Array.
 */
function keepHalfPrecisionAsBits(): void {
  const float16Array = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (float16Array === undefined) return;
  Reflect.deleteProperty(globalThis, 'Float16Array');
  new ort.Tensor('uint8', new Uint8Array(1), [1]);
  Object.defineProperty(globalThis, 'Float16Array', float16Array);
}

function toOrt(tensor: TensorData): ort.Tensor {
  return new ort.Tensor(tensor.type, tensor.data, tensor.dims);
}

function fromOrt(name: string, tensor: ort.OnnxValue): TensorData {
  const { type, dims, data } = tensor;
  if (type === 'uint8' && data instanceof Uint8Array) return { type, dims, data };
  if (type === 'int64' && data instanceof BigInt64Array) return { type, dims, data };
  if (type === 'float32' && data instanceof Float32Array) return { type, dims, data };
  if (type === 'float16' && data instanceof Uint16Array) return { type, dims, data };
  throw new JobError('model_failed', `Expected numbers for the output ${name}, received ${type}.`, {
    retryable: false,
  });
}

function tensorInfo(metadata: ort.InferenceSession.ValueMetadata): TensorInfo {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape }
    : { name: metadata.name, type: 'not a tensor', shape: [] };
}
