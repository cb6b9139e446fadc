// Checks values against the types that a template writes itself: of its parameters, its outputs, its modules' parameters.
import { type Finding, finding } from './finding.ts';
import { kindOf, type Scope, scopeOf } from './scope.ts';
import type { Template, TypeOfValue, Value, ValueOf } from './template.ts';

/** Defaults of parameters, and the values of outputs. */
export function checkOwnValues(template: Template): Finding[] {
  const scope = scopeOf(template);
  return [
    ...template.parameters.flatMap(({ name, type, default: value }) =>
      value ? checkTyped(value, type, scope, name) : [],
    ),
    ...template.outputs.flatMap(({ name, type, value }) => checkTyped(value, type, scope, name)),
  ];
}

/** @param label names the value in findings. */
export function checkTyped(value: Value, type: TypeOfValue, scope: Scope, label: string): Finding[] {
  if (value.kind === 'ternary') {
    return [value.whenTrue, value.whenFalse].flatMap((branch) => checkTyped(branch, type, scope, label));
  }
  const kind = kindOf(value, scope);
  if (kind !== 'other' && type.kind !== 'other' && kind !== type.kind) {
    return [finding(value.place, `Expected ${type.text}, for ${label}, received ${kind}.`)];
  }
  switch (value.kind) {
    case 'string':
      return checkAllowed(value, type, label);
    case 'object':
      return checkProperties(value, type, scope, label);
    case 'array':
      return value.items.flatMap((item) => checkItem(item, type, scope, label));
    case 'loop':
      return checkItem(value.body, type, scope, label);
    default:
      return [];
  }
}

function checkAllowed(value: ValueOf<'string'>, { allowed }: TypeOfValue, label: string): Finding[] {
  if (!allowed || allowed.includes(value.value)) return [];
  const names = allowed.map((text) => `'${text}'`).join(' | ');
  return [finding(value.place, `Expected ${names}, for ${label}, received ${value.text}.`)];
}

function checkItem(item: Value, { item: type }: TypeOfValue, scope: Scope, label: string): Finding[] {
  return type ? checkTyped(item, type, scope, `${label}[]`) : [];
}

function checkProperties(
  value: ValueOf<'object'>,
  { properties }: TypeOfValue,
  scope: Scope,
  label: string,
): Finding[] {
  if (!properties) return [];
  const given = new Set(value.entries.map(({ name }) => name));
  const missing = [...properties].filter(([name, { nullable }]) => !nullable && !given.has(name));
  const names = [...properties.keys()].join(', ');
  return [
    ...missing.map(([name]) =>
      finding(value.place, `Expected a value, for ${label}.${name}, received nothing.`),
    ),
    ...value.entries.flatMap(({ name, place, value: inner }) => {
      const type = properties.get(name ?? '');
      if (type) return checkTyped(inner, type, scope, `${label}.${name}`);
      return name === undefined
        ? []
        : [finding(place, `Expected a property (${names}), for ${label}, received ${name}.`)];
    }),
  ];
}
