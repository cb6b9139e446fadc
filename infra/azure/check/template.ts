// The model of a Bicep file that the checks and the rules of our own work on: declarations, and values as trees.
import type { Finding, Place } from './finding.ts';

interface Source {
  readonly place: Place;
  /** The value as it is written. */
  readonly text: string;
}

export interface Entry {
  /** Undefined when the key is put together from an expression. */
  readonly name: string | undefined;
  readonly place: Place;
  readonly value: Value;
}

export type Value = Source &
  (
    | { readonly kind: 'object'; readonly entries: readonly Entry[] }
    | { readonly kind: 'array'; readonly items: readonly Value[] }
    | { readonly kind: 'string'; readonly value: string }
    /** A string with `${}` in it. */
    | { readonly kind: 'interpolated' }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
    | {
        readonly kind: 'ternary';
        readonly condition: Value;
        readonly whenTrue: Value;
        readonly whenFalse: Value;
      }
    | { readonly kind: 'loop'; readonly over: Value; readonly body: Value }
    /** A plain call, `union(a, b)`; a method (`account.listKeys()`) is an expression. */
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Value[] }
    /** `name` is set when the expression is nothing but a name. */
    | { readonly kind: 'expression'; readonly name: string | undefined }
  );

export type ValueOf<K extends Value['kind']> = Extract<Value, { kind: K }>;

/** A name that an expression uses; loop variables and the parameters of lambdas are no references. */
export interface Reference {
  readonly name: string;
  readonly place: Place;
  /** `['outputs', 'id']` for `module.outputs.id`; a last part that is called is left out. */
  readonly path: readonly string[];
  /** The part of the path before the first `.?`, after which a property may be missing. */
  readonly surePath: readonly string[];
  readonly called: boolean;
  /** The first argument of a call, when it is a plain string. */
  readonly argument: string | undefined;
}

export interface Decorator {
  readonly name: string;
  readonly args: readonly Value[];
}

interface Declaration {
  readonly name: string;
  readonly place: Place;
  readonly references: readonly Reference[];
}

export interface TypeOfValue {
  readonly kind: 'string' | 'int' | 'bool' | 'object' | 'array' | 'other';
  readonly nullable: boolean;
  /** The strings that a value may be: of a union, or of the decorator `@allowed`. */
  readonly allowed: readonly string[] | undefined;
  /** Of an object whose properties are written out. */
  readonly properties: ReadonlyMap<string, TypeOfValue> | undefined;
  /** Of a list whose items have a type. */
  readonly item: TypeOfValue | undefined;
  readonly text: string;
}

export interface Parameter extends Declaration {
  readonly type: TypeOfValue;
  readonly decorators: readonly Decorator[];
  readonly default: Value | undefined;
}

export interface Variable extends Declaration {
  readonly value: Value;
}

export interface Output extends Declaration {
  readonly type: TypeOfValue;
  readonly decorators: readonly Decorator[];
  readonly value: Value;
}

export interface Resource extends Declaration {
  /** `Microsoft.App/containerApps`, in full for a nested resource too. */
  readonly type: string;
  readonly version: string;
  readonly existing: boolean;
  readonly condition: Value | undefined;
  /** What `[for x in ...: {}]` runs over. */
  readonly over: Value | undefined;
  /** Name of the resource that this one is written inside of. */
  readonly inside: string | undefined;
  /** The name that `parent:` gives. */
  readonly parent: Value | undefined;
  readonly scope: Value | undefined;
  readonly decorators: readonly Decorator[];
  readonly body: ValueOf<'object'>;
}

export interface Module extends Declaration {
  /** As it is written: relative to the file that uses it. */
  readonly path: string;
  readonly condition: Value | undefined;
  readonly over: Value | undefined;
  readonly scope: Value | undefined;
  readonly params: ValueOf<'object'> | undefined;
  readonly body: ValueOf<'object'>;
}

export interface Template {
  readonly file: string;
  /** `resourceGroup` when the file does not say. */
  readonly targetScope: string;
  readonly parameters: readonly Parameter[];
  readonly variables: readonly Variable[];
  readonly resources: readonly Resource[];
  readonly modules: readonly Module[];
  readonly outputs: readonly Output[];
  /** Names of functions and types that the file declares or imports. */
  readonly otherNames: readonly string[];
  /** When there are some, the rest of the model may lack parts. */
  readonly syntaxErrors: readonly Finding[];
}

/** The value at a path of plain names below an object, or undefined. */
export function valueAt(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (value?.kind !== 'object') return undefined;
  return valueAt(value.entries.find((entry) => entry.name === name)?.value, ...rest);
}

/** The text of a plain string, or undefined. */
export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'string' ? value.value : undefined;
}

/** The value and every value inside of it, from the outside in. */
export function* everyValue(value: Value): Generator<Value> {
  yield value;
  for (const part of partsOf(value)) yield* everyValue(part);
}

function partsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case 'object':
      return value.entries.map((entry) => entry.value);
    case 'array':
      return value.items;
    case 'call':
      return value.args;
    case 'ternary':
      return [value.condition, value.whenTrue, value.whenFalse];
    case 'loop':
      return [value.over, value.body];
    default:
      return [];
  }
}
