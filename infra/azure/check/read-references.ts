// The names that an expression uses from outside of itself.
import type { Node } from 'web-tree-sitter';
import { partsOf, partsOfLoop, placeOf, type Source, stringOf } from './read-value.ts';
import type { Reference } from './template.ts';

/** Every reference in the node, in the order of the text. */
export function readReferences(source: Source, node: Node): Reference[] {
  return collect(source, node, new Set());
}

function collect(source: Source, node: Node, bound: ReadonlySet<string>): Reference[] {
  switch (node.type) {
    case 'identifier':
      return bound.has(node.text) ? [] : [readReference(source, node)];
    case 'object_property':
      return collectProperty(source, node, bound);
    case 'for_statement':
      return collectLoop(source, node, bound);
    case 'arguments':
      return partsOf(node).flatMap((child) =>
        collect(source, child, new Set([...bound, ...lambdaNames(child)])),
      );
    case 'resource_expression':
      return partsOf(node)
        .slice(0, 1)
        .flatMap((child) => collect(source, child, bound));
    default:
      return partsOf(node).flatMap((child) => collect(source, child, bound));
  }
}

function collectProperty(source: Source, node: Node, bound: ReadonlySet<string>): Reference[] {
  // The nested resource is a declaration of its own.
  return partsOf(node)
    .filter((child, index) => child.type !== 'resource_declaration' && (index > 0 || child.type === 'string'))
    .flatMap((child) => collect(source, child, bound));
}

function collectLoop(source: Source, node: Node, bound: ReadonlySet<string>): Reference[] {
  const { over, body } = partsOfLoop(node);
  return [
    ...collect(source, over, bound),
    ...collect(source, body, new Set([...bound, ...loopVariables(node)])),
  ];
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
  const path = parts.split(/\.\??/).filter((part) => part !== '');
  return {
    name: node.text,
    place: placeOf(source, node),
    path: call ? path.slice(0, -1) : path,
    called,
    argument: called ? firstArgument(node) : undefined,
  };
}

function firstArgument(called: Node): string | undefined {
  const first = called.parent?.childForFieldName('arguments')?.namedChildren[0];
  const plain =
    first?.type === 'string' && first.namedChildren.every((child) => child.type !== 'interpolation');
  return plain ? stringOf(first) : undefined;
}
