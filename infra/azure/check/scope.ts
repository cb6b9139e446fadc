// What the names in a template stand for, as far as it can be told without running it.
import type { Template, TypeOfValue, Value } from './template.ts';

export type Kind = TypeOfValue['kind'];

export interface Scope {
  /** The value of a variable. */
  readonly variable: (name: string) => Value | undefined;
  /** The type of a parameter. */
  readonly parameter: (name: string) => TypeOfValue | undefined;
}

export function scopeOf(template: Template): Scope {
  return {
    variable: (name) => template.variables.find((variable) => variable.name === name)?.value,
    parameter: (name) => template.parameters.find((parameter) => parameter.name === name)?.type,
  };
}

const kindsOfCalls: Readonly<Record<string, Kind>> = {
  base64: 'string',
  bool: 'bool',
  contains: 'bool',
  empty: 'bool',
  endsWith: 'bool',
  format: 'string',
  guid: 'string',
  indexOf: 'int',
  int: 'int',
  items: 'array',
  join: 'string',
  length: 'int',
  loadTextContent: 'string',
  map: 'array',
  range: 'array',
  replace: 'string',
  resourceId: 'string',
  split: 'array',
  startsWith: 'bool',
  string: 'string',
  subscriptionResourceId: 'string',
  substring: 'string',
  toLower: 'string',
  toUpper: 'string',
  uniqueString: 'string',
  utcNow: 'string',
};

const kindsOfValues: Partial<Record<Value['kind'], Kind>> = {
  array: 'array',
  boolean: 'bool',
  interpolated: 'string',
  loop: 'array',
  number: 'int',
  object: 'object',
  string: 'string',
};

/** The kind of a value, or `other` when only a deployment can tell. */
export function kindOf(value: Value, scope: Scope): Kind {
  if (value.kind === 'call') return kindsOfCalls[value.name] ?? 'other';
  if (value.kind !== 'expression') return kindsOfValues[value.kind] ?? 'other';
  if (value.name === undefined) return 'other';
  const variable = scope.variable(value.name);
  return (variable ? kindsOfValues[variable.kind] : scope.parameter(value.name)?.kind) ?? 'other';
}
