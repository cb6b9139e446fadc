// What the checks of a value carry along, and the small questions that they ask of it.
import { type BicepType, TypeBaseKind } from '@azure/bicep-types';
import type { Lookup } from './published-types.ts';
import type { Kind, Scope } from './scope.ts';

export interface Context {
  readonly lookup: Lookup;
  readonly scope: Scope;
  /** Path of the value below the resource, for messages: `properties.template.scale`. */
  readonly path: string;
  /** Part of an object that is put together by `union`: what is required may come from another part. */
  readonly partial: boolean;
  /** Variables that are looked into already: one may refer to itself by mistake. */
  readonly through: readonly string[];
}

/** The context of a property, or of an item (`[0]`). */
export function below(context: Context, name: string): Context {
  const separator = context.path === '' || name.startsWith('[') ? '' : '.';
  return { ...context, path: `${context.path}${separator}${name}`, partial: false };
}

export function kindOfType(type: BicepType): Kind {
  switch (type.type) {
    case TypeBaseKind.StringType:
    case TypeBaseKind.StringLiteralType:
    case TypeBaseKind.UnionType:
      return 'string';
    case TypeBaseKind.IntegerType:
      return 'int';
    case TypeBaseKind.BooleanType:
      return 'bool';
    case TypeBaseKind.ArrayType:
      return 'array';
    case TypeBaseKind.ObjectType:
    case TypeBaseKind.DiscriminatedObjectType:
      return 'object';
    default:
      return 'other';
  }
}

/** The names that start like the one that was written, or all of them. */
export function similarNames(written: string, names: readonly string[]): string {
  const start = written.slice(0, 1).toLowerCase();
  const similar = names.filter((name) => name.toLowerCase().startsWith(start));
  return (similar.length > 0 ? similar : names).join(', ');
}
