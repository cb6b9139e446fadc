// From the syntax tree to values. The grammar binds `a ? b : c.d` as `(a ? b : c).d`; that is put right here.
import type { Node } from 'web-tree-sitter';
import type { Place } from './finding.ts';
import type { Entry, Value, ValueOf } from './template.ts';

/** The syntax tree's node with the file and the text that it comes from. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

export function placeOf(source: Source, node: Node): Place {
  return { file: source.file, line: node.startPosition.row + 1, column: node.startPosition.column + 1 };
}

export function readValue(source: Source, node: Node): Value {
  const base = { place: placeOf(source, node), text: node.text };
  switch (node.type) {
    case 'object':
      return readObject(source, node);
    case 'array':
      return { ...base, kind: 'array', items: valuesOf(source, node) };
    case 'string':
      return isInterpolated(node)
        ? { ...base, kind: 'interpolated' }
        : { ...base, kind: 'string', value: stringOf(node) };
    case 'number':
      return { ...base, kind: 'number', value: Number(node.text) };
    case 'boolean':
      return { ...base, kind: 'boolean', value: node.text === 'true' };
    case 'null':
      return { ...base, kind: 'null' };
    case 'for_statement':
      return readLoop(source, node);
    case 'parenthesized_expression':
      return readParentheses(source, node);
    default:
      return readExpression(source, node);
  }
}

export function readObject(source: Source, node: Node): ValueOf<'object'> {
  const entries = node.namedChildren.flatMap((child) => readEntry(source, child));
  return { place: placeOf(source, node), text: node.text, kind: 'object', entries };
}

function readEntry(source: Source, node: Node): Entry[] {
  const [key, value] = partsOf(node);
  if (node.type !== 'object_property' || !key || !value) return [];
  const name = key.type === 'string' ? (isInterpolated(key) ? undefined : stringOf(key)) : key.text;
  return [{ name, place: placeOf(source, node), value: readValue(source, value) }];
}

function readLoop(source: Source, node: Node): Value {
  const { over, body } = partsOfLoop(node);
  const inner =
    body.type === 'if_statement' ? body.namedChildren.find((child) => child.type === 'object') : body;
  return {
    place: placeOf(source, node),
    text: node.text,
    kind: 'loop',
    over: readValue(source, over),
    body: readValue(source, inner ?? body),
  };
}

/** What a loop runs over, and its body, which may be an `if`. */
export function partsOfLoop(node: Node): { over: Node; body: Node } {
  const [body, over] = partsOf(node).reverse();
  return { over: over ?? node, body: body ?? node };
}

function readParentheses(source: Source, node: Node): Value {
  const [inner, more] = partsOf(node);
  return inner && !more ? readValue(source, inner) : readExpression(source, node);
}

function readExpression(source: Source, node: Node): Value {
  const ternary = ternaryAtTheLeftOf(node);
  if (ternary) return readTernary(source, ternary, node.endIndex);
  const base = { place: placeOf(source, node), text: node.text };
  const called = node.type === 'call_expression' ? functionNameOf(node) : undefined;
  if (called === undefined) {
    return { ...base, kind: 'expression', name: node.type === 'identifier' ? node.text : undefined };
  }
  const args = node.childForFieldName('arguments');
  return { ...base, kind: 'call', name: called, args: args ? valuesOf(source, args) : [] };
}

/** The name of a plain call, with or without the namespaces `sys` and `az`; undefined for a method. */
function functionNameOf(call: Node): string | undefined {
  const called = call.childForFieldName('function');
  if (called?.type === 'identifier') return called.text;
  return /^(?:sys|az)\.(\w+)$/.exec(called?.text ?? '')?.[1];
}

function readTernary(source: Source, node: Node, endIndex: number): Value {
  const [condition, whenTrue, whenFalse] = partsOf(node);
  const base = { place: placeOf(source, node), text: source.text.slice(node.startIndex, endIndex) };
  if (!condition || !whenTrue || !whenFalse) return { ...base, kind: 'expression', name: undefined };
  return {
    ...base,
    kind: 'ternary',
    condition: readValue(source, condition),
    whenTrue: readValue(source, whenTrue),
    whenFalse: readLastBranch(source, whenFalse, endIndex),
  };
}

function readLastBranch(source: Source, node: Node, endIndex: number): Value {
  if (node.endIndex === endIndex) return readValue(source, node);
  if (node.type === 'ternary_expression') return readTernary(source, node, endIndex);
  const text = source.text.slice(node.startIndex, endIndex);
  return { place: placeOf(source, node), text, kind: 'expression', name: undefined };
}

function ternaryAtTheLeftOf(node: Node): Node | undefined {
  if (node.type === 'ternary_expression') return node;
  const left = node.childForFieldName('object') ?? node.childForFieldName('function');
  return left ? ternaryAtTheLeftOf(left) : undefined;
}

function valuesOf(source: Source, node: Node): Value[] {
  return partsOf(node)
    .filter((child) => child.type !== 'decorators')
    .map((child) => readValue(source, child));
}

/** The named children without comments. */
export function partsOf(node: Node): Node[] {
  return node.namedChildren.filter((child) => !child.type.endsWith('comment'));
}

function isInterpolated(node: Node): boolean {
  return node.namedChildren.some((child) => child.type === 'interpolation');
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The text of a string without `${}`. */
export function stringOf(node: Node): string {
  if (node.text.startsWith("'''")) return node.text.slice(3, -3).replace(/^\r?\n/, '');
  return node.text
    .slice(1, -1)
    .replace(/\\(?:u\{([0-9a-fA-F]+)\}|(.))/g, (_, code: string | undefined, character: string) =>
      code === undefined
        ? (escapes[character] ?? character)
        : String.fromCodePoint(Number.parseInt(code, 16)),
    );
}
