// Builds small ONNX models as bytes: pixel layout conversion and blending on the product's path, tiny models in tests.
import protobuf from 'protobufjs';

export type TensorType = 'uint8' | 'int64' | 'float16' | 'float32';

/** A tensor that enters or leaves a graph. A text in `shape` names a size that is known only when the graph runs. */
export interface ValueSpec {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly (number | string)[];
}

/** A plain number or list of numbers is an integer attribute; fractions are written `{ float }` or `{ floats }`. */
export type AttributeSpec =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] };

export interface NodeSpec {
  /** Operator of the standard set, for example `Transpose`. */
  readonly op: string;
  /** An empty text leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

/** A tensor whose values are part of the model; `shape: []` is a scalar. */
export interface ConstantSpec {
  readonly name: string;
  readonly type: 'uint8' | 'int64' | 'float32';
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface GraphSpec {
  readonly name: string;
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly nodes: readonly NodeSpec[];
  readonly constants?: readonly ConstantSpec[];
}

/** `TensorProto.DataType` of an ONNX type. Also the value of a Cast node's `to`. */
export const elementType = { float32: 1, uint8: 2, int64: 7, float16: 10 } as const satisfies Record<
  TensorType,
  number
>;

const irVersion = 8;
const opsetVersion = 17;
const attributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

// The part of onnx.proto (https://github.com/onnx/onnx) that small graphs need; the field numbers are the format.
const onnxMessages = `
syntax = "proto2";
message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
}
message OperatorSetIdProto {
  optional string domain = 1;
  optional int64 version = 2;
}
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
}
message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  repeated float floats = 7;
  repeated int64 ints = 8;
  optional int32 type = 20;
}
message TensorProto {
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  optional string name = 8;
  optional bytes raw_data = 9;
}
message ValueInfoProto {
  optional string name = 1;
  optional TypeProto type = 2;
}
message TypeProto {
  optional Tensor tensor_type = 1;
  message Tensor {
    optional int32 elem_type = 1;
    optional TensorShapeProto shape = 2;
  }
}
message TensorShapeProto {
  repeated Dimension dim = 1;
  message Dimension {
    optional int64 dim_value = 1;
    optional string dim_param = 2;
  }
}
`;

const modelProto = protobuf.parse(onnxMessages).root.lookupType('ModelProto');

/** Bytes of an ONNX model (operator set 17, IR version 8). Whether the graph makes sense is checked when it is opened. */
export function buildOnnxModel(graph: GraphSpec): Uint8Array {
  const model = {
    irVersion,
    producerName: 'impasto',
    opsetImport: [{ domain: '', version: opsetVersion }],
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeMessage),
      initializer: (graph.constants ?? []).map(constantMessage),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
    },
  };
  return modelProto.encode(modelProto.create(model)).finish();
}

function nodeMessage(node: NodeSpec): object {
  const attributes = Object.entries(node.attributes ?? {});
  return {
    input: node.inputs,
    output: node.outputs,
    opType: node.op,
    attribute: attributes.map(([name, value]) => ({ name, ...attributeMessage(value) })),
  };
}

function attributeMessage(value: AttributeSpec): object {
  if (typeof value === 'number') return { type: attributeType.int, i: value };
  if (typeof value === 'string') return { type: attributeType.string, s: Buffer.from(value) };
  if ('float' in value) return { type: attributeType.float, f: value.float };
  if ('floats' in value) return { type: attributeType.floats, floats: value.floats };
  return { type: attributeType.ints, ints: value };
}

function valueMessage(value: ValueSpec): object {
  const dim = value.shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name: value.name, type: { tensorType: { elemType: elementType[value.type], shape: { dim } } } };
}

function constantMessage(constant: ConstantSpec): object {
  return {
    name: constant.name,
    dims: constant.shape,
    dataType: elementType[constant.type],
    rawData: rawBytes(constant),
  };
}

/** ONNX keeps tensors little-endian, as do all machines that ONNX Runtime for Node is built for. */
function rawBytes({ type, values }: ConstantSpec): Uint8Array {
  if (type === 'uint8') return Uint8Array.from(values);
  if (type === 'float32') return new Uint8Array(Float32Array.from(values).buffer);
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}
