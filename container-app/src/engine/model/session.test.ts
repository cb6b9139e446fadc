import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildOnnxModel, type NodeSpec, type TensorType } from './onnx-graph.ts';
import { openSession, type TensorData } from './session.ts';

function oneNode(
  op: string,
  type: TensorType,
  attributes?: NodeSpec['attributes'],
  shape: readonly (number | string)[] = ['rows', 'columns'],
  outputShape = shape,
): Uint8Array {
  return buildOnnxModel({
    name: op,
    inputs: [{ name: 'x', type, shape }],
    outputs: [{ name: 'y', type, shape: outputShape }],
    nodes: [{ op, inputs: ['x'], outputs: ['y'], ...(attributes === undefined ? {} : { attributes }) }],
  });
}

async function runOne(model: Uint8Array, x: TensorData): Promise<TensorData | undefined> {
  const session = await openSession(model, { providers: ['cpu'] });
  const { y } = await session.run({ x });
  await session.dispose();
  return y;
}

test('integers, fractions and texts reach a node as what they are', async () => {
  const x: TensorData = { type: 'float32', dims: [2, 2], data: Float32Array.of(-4, 1, 2, 3) };
  const transposed = await runOne(oneNode('Transpose', 'float32', { perm: [1, 0] }), x);
  assert.deepEqual(transposed?.data, Float32Array.of(-4, 2, 1, 3));
  const leaky = await runOne(oneNode('LeakyRelu', 'float32', { alpha: { float: 0.25 } }), x);
  assert.deepEqual(leaky?.data, Float32Array.of(-1, 1, 2, 3));
  const blocks: TensorData = {
    type: 'float32',
    dims: [1, 8, 1, 1],
    data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
  };
  const attributes = { blocksize: 2, mode: 'CRD' };
  const unfolded = await runOne(
    oneNode('DepthToSpace', 'float32', attributes, [1, 8, 1, 1], [1, 2, 2, 2]),
    blocks,
  );
  assert.deepEqual(unfolded?.data, blocks.data);
});

test('every tensor type goes in and comes out as it was', async () => {
  const dims = [1, 3];
  const tensors: TensorData[] = [
    { type: 'uint8', dims, data: Uint8Array.of(0, 128, 255) },
    { type: 'int64', dims, data: BigInt64Array.of(-(2n ** 40n), 0n, 7n) },
    { type: 'float16', dims, data: Uint16Array.of(0x3c00, 0xbc00, 0x3555) },
    { type: 'float32', dims, data: Float32Array.of(-1.5, 0, 1e9) },
  ];
  for (const tensor of tensors)
    assert.deepEqual(await runOne(oneNode('Identity', tensor.type), tensor), tensor);
});

test('a session tells the names, types and shapes of its graph', async () => {
  const session = await openSession(oneNode('Neg', 'float32'), { providers: ['cpu'] });
  assert.deepEqual(session.inputs, [{ name: 'x', type: 'float32', shape: ['rows', 'columns'] }]);
  assert.deepEqual(session.outputs, [{ name: 'y', type: 'float32', shape: ['rows', 'columns'] }]);
  assert.equal(session.provider, 'cpu');
  await session.dispose();
});

test('a run that fails is a model_failed', async () => {
  const session = await openSession(oneNode('Neg', 'float32'), { providers: ['cpu'] });
  const x: TensorData = { type: 'float32', dims: [1], data: Float32Array.of(1) };
  await assert.rejects(session.run({ x }), { name: 'JobError', code: 'model_failed' });
  await session.dispose();
});

test('asking for cuda never runs on the cpu: it loads, or one sentence says what to do', async () => {
  const model = oneNode('Neg', 'float32');
  const outcome = await openSession(model, { providers: ['cuda', 'cpu'] }).catch((error: Error) => error);
  if (outcome instanceof Error) {
    assert.match(outcome.message, /^Expected .*cuda.*use the GPU image.*or set EXECUTION_PROVIDERS=cpu\.$/i);
  } else {
    assert.equal(outcome.provider, 'cuda');
  }
});

test('no provider, an unknown one, and one after cpu are refused', async () => {
  const open = (...providers: string[]) => openSession(oneNode('Neg', 'float32'), { providers });
  await assert.rejects(open(), {
    code: 'model_unavailable',
    message: /EXECUTION_PROVIDERS .* received nothing/,
  });
  await assert.rejects(open('abacus'), { code: 'model_unavailable', message: /abacus to load/ });
  await assert.rejects(open('cpu', 'cuda'), {
    code: 'model_unavailable',
    message: /cpu last\), received cpu,cuda/,
  });
});
