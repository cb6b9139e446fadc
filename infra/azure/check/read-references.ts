// The names that an expression uses from outside of itself.
import type { Node } from 'web-tree-sitter';
import { partsOf, partsOfLoop, placeOf, type Source, stringOf } from './read-value.ts';
import type { Reference } from './template.ts';

/** Names that a loop or a lambda brings: what the item of a loop is part of, or undefined when that has no name. */
type Bound = ReadonlyMap<string, Origin | undefined>;

interface Origin {
  readonly name: string;
  readonly path: readonly string[];
}

/** Every reference in the node, in the order of the text. */
export function readReferences(source: Source, node: Node): Reference[] {
  return collect(source, node, new Map());
}

function collect(source: Source, node: Node, bound: Bound): Reference[] {
  switch (node.type) {
    case 'identifier':
      return collectName(source, node, bound);
    case 'object_property':
      return collectProperty(source, node, bound);
    case 'for_statement':
      return collectLoop(source, node, bound);
    case 'arguments':
      return partsOf(node).flatMap((child) =>
        collect(source, child, withNames(bound, lambdaNames(child), undefined)),
      );
    case 'resource_expression':
      return partsOf(node)
        .slice(0, 1)
        .flatMap((child) => collect(source, child, bound));
    default:
      return partsOf(node).flatMap((child) => collect(source, child, bound));
  }
}

/** A property of a loop's item is one of what the loop runs over: `alert.name` is `alerts` with the path `[]`, `name`. */
function collectName(source: Source, node: Node, bound: Bound): Reference[] {
  const reference = readReference(source, node);
  if (!bound.has(node.text)) return [reference];
  const origin = bound.get(node.text);
  if (!origin || reference.called) return [];
  const { path, surePath } = reference;
  return [
    {
      ...reference,
      name: origin.name,
      path: [...origin.path, ...path],
      surePath: [...origin.path, ...surePath],
    },
  ];
}

function withNames(bound: Bound, names: readonly string[], origin: Origin | undefined): Bound {
  return new Map([...bound, ...names.map((name) => [name, origin] as const)]);
}

function collectProperty(source: Source, node: Node, bound: Bound): Reference[] {
  // The nested resource is a declaration of its own.
  return partsOf(node)
    .filter((child, index) => child.type !== 'resource_declaration' && (index > 0 || child.type === 'string'))
    .flatMap((child) => collect(source, child, bound));
}

function collectLoop(source: Source, node: Node, bound: Bound): Reference[] {
  const { over, body } = partsOfLoop(node);
  const [item = '', ...rest] = loopVariables(node);
  const inner = withNames(withNames(bound, [item], originOf(over, bound)), rest, undefined);
  return [...collect(source, over, bound), ...collect(source, body, inner)];
}

function originOf(over: Node, bound: Bound): Origin | undefined {
  if (over.type !== 'identifier') return undefined;
  if (!bound.has(over.text)) return { name: over.text, path: ['[]'] };
  const origin = bound.get(over.text);
  return origin && { ...origin, path: [...origin.path, '[]'] };
}

/** The names that a loop gives to an item and its index. */
export function loopVariables(loop: Node): string[] {
  const single = loop.childForFieldName('initializer');
  const pair = loop.namedChildren.find((child) => child.type === 'for_loop_parameters');
  return [...(single ? [single] : []), ...(pair?.namedChildren ?? [])].map((child) => child.text);
}

/**
 * The parameters of all lambdas in an argument. They count for the whole argument: the grammar reads
 * `v => v.a == v.b` as if the lambda ended at the first `v`.
 */
function lambdaNames(argument: Node): string[] {
  return argument
    .descendantsOfType('lambda_expression')
    .flatMap((lambda) => lambda.namedChildren[0]?.text.match(/\w+/g) ?? []);
}

function readReference(source: Source, node: Node): Reference {
  const after = source.text.slice(node.endIndex);
  const called = after.startsWith('(');
  const [, parts = '', call] =
    /^(?:!|\[[^\]]*\])*((?:\.\??[A-Za-z_]\w*)*)(\()?/.exec(called ? '' : after) ?? [];
  const names = partsOfPath(parts);
  const path = call ? names.slice(0, -1) : names;
  return {
    name: node.text,
    place: placeOf(source, node),
    path,
    surePath: path.slice(0, partsOfPath(parts.split('.?', 1)[0] ?? '').length),
    called,
    argument: called ? firstArgument(node) : undefined,
  };
}

function partsOfPath(text: string): string[] {
  return text.split(/\.\??/).filter((part) => part !== '');
}

function firstArgument(called: Node): string | undefined {
  const first = called.parent?.childForFieldName('arguments')?.namedChildren[0];
  const plain =
    first?.type === 'string' && first.namedChildren.every((child) => child.type !== 'interpolation');
  return plain ? stringOf(first) : undefined;
}
