// From the syntax tree to the declarations of a file.
import type { Node } from 'web-tree-sitter';
import { loopVariables, readReferences } from './read-references.ts';
import { readType } from './read-type.ts';
import { partsOf, partsOfLoop, placeOf, readObject, readValue, type Source, stringOf } from './read-value.ts';
import { readSyntaxErrors } from './syntax-errors.ts';
import {
  type Decorator,
  type Module,
  type Output,
  type Parameter,
  type Reference,
  type Resource,
  type Template,
  type Value,
  type ValueOf,
  type Variable,
  valueAt,
} from './template.ts';

interface Statement {
  readonly node: Node;
  readonly decorators: readonly Decorator[];
}

export function readTemplate(source: Source, root: Node): Template {
  const statements = readStatements(source, root);
  const read = <T>(type: string, as: (source: Source, statement: Statement) => T): T[] =>
    statements.filter(({ node }) => node.type === type).map((statement) => as(source, statement));
  return {
    file: source.file,
    targetScope:
      read('target_scope_assignment', (_, { node }) => textOfFirst(node, 'string')).at(0) ?? 'resourceGroup',
    parameters: read('parameter_declaration', readParameter),
    variables: read('variable_declaration', readVariable),
    resources: read('resource_declaration', readResources).flat(),
    modules: read('module_declaration', readModule),
    outputs: read('output_declaration', readOutput),
    otherNames: statements.flatMap(({ node }) => otherNamesOf(node)),
    syntaxErrors: readSyntaxErrors(source, root),
  };
}

/** Decorators are statements of their own in the grammar: they belong to the one that follows. */
function readStatements(source: Source, root: Node): Statement[] {
  const statements: Statement[] = [];
  let decorators: readonly Decorator[] = [];
  for (const node of partsOf(root)) {
    if (node.type === 'decorators') {
      decorators = node.namedChildren.flatMap((decorator) => readDecorator(source, decorator));
    } else {
      statements.push({ node, decorators });
      decorators = [];
    }
  }
  return statements;
}

function readDecorator(source: Source, node: Node): Decorator[] {
  const call = node.namedChildren[0];
  const value = call && readValue(source, call);
  return value?.kind === 'call' ? [{ name: value.name, args: value.args }] : [];
}

function declared(source: Source, { node }: Statement, from: readonly Node[]) {
  const name = node.namedChildren.find((child) => child.type === 'identifier') ?? node;
  const references: Reference[] = from.flatMap((part) => readReferences(source, part));
  return { name: name.text, place: placeOf(source, name), references };
}

function readParameter(source: Source, statement: Statement): Parameter {
  const [, , value] = partsOf(statement.node);
  const allowed = statement.decorators.find((decorator) => decorator.name === 'allowed')?.args[0];
  return {
    ...declared(source, statement, value ? [value] : []),
    type: readType(statement.node, stringsOf(allowed)),
    decorators: statement.decorators,
    default: value && readValue(source, value),
  };
}

function stringsOf(value: Value | undefined): string[] | undefined {
  if (value?.kind !== 'array') return undefined;
  return value.items.flatMap((item) => (item.kind === 'string' ? [item.value] : []));
}

function readVariable(source: Source, statement: Statement): Variable {
  const value = partsOf(statement.node)[1] ?? statement.node;
  return { ...declared(source, statement, [value]), value: readValue(source, value) };
}

function readOutput(source: Source, statement: Statement): Output {
  const value = partsOf(statement.node)[2] ?? statement.node;
  return {
    ...declared(source, statement, [value]),
    type: readType(statement.node, undefined),
    decorators: statement.decorators,
    value: readValue(source, value),
  };
}

interface Body {
  readonly object: ValueOf<'object'>;
  readonly objectNode: Node;
  readonly condition: Value | undefined;
  readonly over: Value | undefined;
}

/** The body of a resource or module below its loop and its condition. */
function readBody(source: Source, node: Node): Body {
  if (node.type === 'for_statement') {
    const { over, body } = partsOfLoop(node);
    return { ...readBody(source, body), over: readValue(source, over) };
  }
  const [condition, object] = node.type === 'if_statement' ? partsOf(node) : [undefined, node];
  const objectNode = object ?? node;
  return {
    object: readObject(source, objectNode),
    objectNode,
    condition: condition && readValue(source, condition),
    over: undefined,
  };
}

/** The resource, and the ones that are written inside of it. */
function readResources(source: Source, statement: Statement, outer?: Resource): Resource[] {
  const bodyNode = partsOf(statement.node).at(-1) ?? statement.node;
  const body = readBody(source, bodyNode);
  const [type = '', version = outer?.version ?? ''] = (textOfFirst(statement.node, 'string') ?? '').split(
    '@',
  );
  const resource: Resource = {
    ...declared(source, statement, [bodyNode]),
    type: outer ? `${outer.type}/${type}` : type,
    version,
    existing: statement.node.children.some((child) => child.type === 'existing'),
    condition: body.condition,
    over: body.over,
    inside: outer?.name,
    parent: valueAt(body.object, 'parent'),
    scope: valueAt(body.object, 'scope'),
    decorators: statement.decorators,
    body: body.object,
  };
  const loops = bodyNode.type === 'for_statement' ? new Set(loopVariables(bodyNode)) : new Set<string>();
  const nested = body.objectNode.namedChildren.flatMap((child) => nestedResources(source, child, resource));
  return [resource, ...nested.map((inner) => withoutReferences(inner, loops))];
}

function nestedResources(source: Source, node: Node, outer: Resource): Resource[] {
  const inner = node.namedChildren.find((child) => child.type === 'resource_declaration');
  return inner ? readResources(source, { node: inner, decorators: [] }, outer) : [];
}

function withoutReferences(resource: Resource, names: ReadonlySet<string>): Resource {
  return { ...resource, references: resource.references.filter(({ name }) => !names.has(name)) };
}

function readModule(source: Source, statement: Statement): Module {
  const bodyNode = partsOf(statement.node).at(-1) ?? statement.node;
  const { object, condition, over } = readBody(source, bodyNode);
  const params = valueAt(object, 'params');
  return {
    ...declared(source, statement, [bodyNode]),
    path: textOfFirst(statement.node, 'string') ?? '',
    condition,
    over,
    scope: valueAt(object, 'scope'),
    params: params?.kind === 'object' ? params : undefined,
    body: object,
  };
}

function otherNamesOf(node: Node): string[] {
  const declares = node.type === 'user_defined_function' || node.type === 'type_declaration';
  if (!declares && !node.type.startsWith('import')) return [];
  const names = node.namedChildren.filter((child) => child.type === 'identifier').map((child) => child.text);
  return declares ? names.slice(0, 1) : names;
}

function textOfFirst(node: Node, type: string): string | undefined {
  const child = node.namedChildren.find((candidate) => candidate.type === type);
  return child && stringOf(child);
}
