// Checks a value against a published type. What only a deployment can tell passes.
import {
  type BicepType,
  type ObjectTypeProperty,
  ObjectTypePropertyFlags,
  TypeBaseKind,
} from '@azure/bicep-types';
import { expectedInsteadOfNumber, expectedInsteadOfText } from './check-literal.ts';
import { below, type Context, kindOfType, similarNames } from './context.ts';
import { type Finding, finding } from './finding.ts';
import { objectFor } from './published-types.ts';
import { type Kind, kindOf } from './scope.ts';
import { textOf, type Value, type ValueOf, valueAt } from './template.ts';

function checkValue(value: Value, type: BicepType, context: Context): Finding[] {
  if (type.type === TypeBaseKind.AnyType || value.kind === 'null') return [];
  switch (value.kind) {
    case 'ternary':
      return [value.whenTrue, value.whenFalse].flatMap((branch) => checkValue(branch, type, context));
    case 'loop':
      return type.type === TypeBaseKind.ArrayType
        ? checkValue(value.body, context.lookup(type.itemType), below(context, '[]'))
        : [mismatch(value, type, 'array', context)];
    case 'call':
      return checkCall(value, type, context);
    case 'expression':
      return checkName(value, type, context);
    default:
      return checkWritten(value, type, context);
  }
}

function checkCall(value: ValueOf<'call'>, type: BicepType, context: Context): Finding[] {
  const parts = value.name === 'union' || value.name === 'shallowMerge' || value.name === 'concat';
  if (!parts) return checkKind(value, type, context);
  const objects =
    value.name === 'shallowMerge' && value.args[0]?.kind === 'array' ? value.args[0].items : value.args;
  return objects.flatMap((part) => checkValue(part, type, { ...context, partial: true }));
}

function checkName(value: ValueOf<'expression'>, type: BicepType, context: Context): Finding[] {
  const { name } = value;
  const variable = name === undefined ? undefined : context.scope.variable(name);
  if (name === undefined || !variable) return checkKind(value, type, context);
  const { through } = context;
  return through.includes(name)
    ? []
    : checkValue(variable, type, { ...context, through: [...through, name] });
}

function checkWritten(value: Value, type: BicepType, context: Context): Finding[] {
  if (
    value.kind === 'object' &&
    (type.type === TypeBaseKind.ObjectType || type.type === TypeBaseKind.DiscriminatedObjectType)
  ) {
    return checkObject(value, type, context);
  }
  if (value.kind === 'array' && type.type === TypeBaseKind.ArrayType) {
    const item = context.lookup(type.itemType);
    return value.items.flatMap((part, index) => checkValue(part, item, below(context, `[${index}]`)));
  }
  const found = checkKind(value, type, context);
  return found.length > 0 ? found : checkLiteral(value, type, context);
}

function checkLiteral(value: Value, type: BicepType, context: Context): Finding[] {
  const expected =
    value.kind === 'number' && type.type === TypeBaseKind.IntegerType
      ? expectedInsteadOfNumber(value.value, type)
      : value.kind === 'string' && expectedInsteadOfText(value.value, type, context.lookup);
  return expected
    ? [finding(value.place, `Expected ${expected}, for ${context.path}, received ${value.text}.`)]
    : [];
}

function checkKind(value: Value, type: BicepType, context: Context): Finding[] {
  const kind = kindOf(value, context.scope);
  return kind === 'other' || kind === kindOfType(type) || kindOfType(type) === 'other'
    ? []
    : [mismatch(value, type, kind, context)];
}

function mismatch(value: Value, type: BicepType, received: Kind, { path }: Context): Finding {
  return finding(value.place, `Expected ${kindOfType(type)}, for ${path}, received ${received}.`);
}

/** @param alsoAllowed names that Bicep gives a meaning beside the type's own: `parent`, `scope`, `dependsOn`. */
export function checkObject(
  value: ValueOf<'object'>,
  type: Extract<BicepType, { type: TypeBaseKind.ObjectType | TypeBaseKind.DiscriminatedObjectType }>,
  context: Context,
  alsoAllowed: readonly string[] = [],
): Finding[] {
  const object =
    type.type === TypeBaseKind.ObjectType
      ? type
      : objectFor(type, context.lookup, discriminatorOf(value, type.discriminator));
  if (!object) return checkDiscriminator(value, type, context);
  const { properties, additionalProperties, name } = object;
  const found = value.entries.flatMap((entry): Finding[] => {
    if (entry.name === undefined) return additionalProperties ? checkAdditional(entry.value) : [];
    const property = properties[entry.name];
    if (property) return checkProperty(entry.value, property, below(context, entry.name));
    if (additionalProperties) return checkAdditional(entry.value);
    if (alsoAllowed.includes(entry.name)) return [];
    const names = similarNames(entry.name, Object.keys(properties));
    return [
      finding(
        entry.place,
        `Expected a property of ${name} (${names}), for ${context.path}, received ${entry.name}.`,
      ),
    ];
  });
  return [
    ...found,
    ...repeated(value, context),
    ...(context.partial ? [] : missing(value, properties, context)),
  ];

  function checkAdditional(inner: Value): Finding[] {
    if (!additionalProperties) return [];
    return checkValue(inner, context.lookup(additionalProperties), below(context, '*'));
  }
}

function discriminatorOf(value: ValueOf<'object'>, name: string): string | undefined {
  return textOf(valueAt(value, name));
}

/** The discriminator is missing, an expression, or none of the names that there are. */
function checkDiscriminator(value: ValueOf<'object'>, type: BicepType, context: Context): Finding[] {
  if (type.type !== TypeBaseKind.DiscriminatedObjectType) return [];
  const given = valueAt(value, type.discriminator);
  if (given && given.kind !== 'string' && kindOf(given, context.scope) === 'other') return [];
  const names = Object.keys(type.elements).map((name) => `'${name}'`);
  const place = given?.place ?? value.place;
  const path = below(context, type.discriminator).path;
  return [
    finding(place, `Expected ${names.join(' | ')}, for ${path}, received ${given?.text ?? 'nothing'}.`),
  ];
}

function checkProperty(value: Value, { type, flags }: ObjectTypeProperty, context: Context): Finding[] {
  if (flags & ObjectTypePropertyFlags.ReadOnly) {
    return [
      finding(
        value.place,
        `Expected nothing, for ${context.path}, which is read-only, received ${firstLine(value)}.`,
      ),
    ];
  }
  if (value.kind === 'null' && flags & ObjectTypePropertyFlags.Required) {
    return [finding(value.place, `Expected a value, for ${context.path}, received null.`)];
  }
  return checkValue(value, context.lookup(type), context);
}

function repeated({ entries }: ValueOf<'object'>, context: Context): Finding[] {
  return entries
    .filter(
      ({ name }, index) => name !== undefined && entries.findIndex((entry) => entry.name === name) < index,
    )
    .map(({ name, place }) =>
      finding(place, `Expected ${name} once, for ${context.path}, received it again.`),
    );
}

function missing(
  value: ValueOf<'object'>,
  properties: Readonly<Record<string, ObjectTypeProperty>>,
  context: Context,
): Finding[] {
  const given = new Set(value.entries.map((entry) => entry.name));
  return Object.entries(properties)
    .filter(
      ([name, { flags }]) =>
        flags & ObjectTypePropertyFlags.Required &&
        !(flags & ObjectTypePropertyFlags.ReadOnly) &&
        !given.has(name),
    )
    .map(([name]) =>
      finding(value.place, `Expected a value, for ${below(context, name).path}, received nothing.`),
    );
}

function firstLine({ text }: Value): string {
  return text.split('\n', 1)[0] ?? '';
}
