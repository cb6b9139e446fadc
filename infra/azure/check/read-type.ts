// From the syntax tree to the types that a file writes for its parameters and outputs.
import type { Node } from 'web-tree-sitter';
import { partsOf, stringOf } from './read-value.ts';
import type { TypeOfValue } from './template.ts';

/** @param allowed the strings of the decorator `@allowed`, which count for more than the type. */
export function readType(declaration: Node, allowed: readonly string[] | undefined): TypeOfValue {
  const node = declaration.namedChildren.find((child) => child.type === 'type');
  const type = node ? typeOf(node) : plain('other', '');
  return allowed && allowed.length > 0 ? { ...type, allowed } : type;
}

function typeOf(node: Node): TypeOfValue {
  const [inner, more] = partsOf(node);
  if (isUnionOfStrings(node.text)) {
    const literals = node.type === 'string' ? [node] : node.descendantsOfType('string');
    return { ...plain('string', node.text), allowed: literals.map(stringOf) };
  }
  if (node.type === 'object') return { ...plain('object', node.text), properties: propertiesOf(node) };
  if (!inner || more) return plain(kindOf(node.text), node.text);
  switch (node.type) {
    case 'type':
    case 'parenthesized_type':
    case 'parenthesized_expression':
      return { ...typeOf(inner), text: node.text };
    case 'nullable_type':
      return { ...typeOf(inner), nullable: node.text.endsWith('?'), text: node.text };
    case 'array_type':
      return { ...plain('array', node.text), item: typeOf(inner) };
    default:
      return plain(kindOf(node.text), node.text);
  }
}

function propertiesOf(node: Node): ReadonlyMap<string, TypeOfValue> {
  const pairs = node.namedChildren.flatMap((property): [string, TypeOfValue][] => {
    const [name, type] = property.type === 'object_property' ? partsOf(property) : [];
    return name && type ? [[name.type === 'string' ? stringOf(name) : name.text, typeOf(type)]] : [];
  });
  return new Map(pairs);
}

function plain(kind: TypeOfValue['kind'], text: string): TypeOfValue {
  return { kind, text, nullable: false, allowed: undefined, properties: undefined, item: undefined };
}

/** A union within an object is an expression to the grammar: the text tells them all. */
function isUnionOfStrings(text: string): boolean {
  return /^'[^']*'(\s*\|\s*'[^']*')*$/.test(text);
}

function kindOf(text: string): TypeOfValue['kind'] {
  return text === 'string' || text === 'int' || text === 'bool' || text === 'object' || text === 'array'
    ? text
    : 'other';
}
