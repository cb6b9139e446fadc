// Values made up after a JSON Schema: such as it allows, and such as it does not.
import type { Schema } from '@impasto/shared/testing/conformance';
import fc from 'fast-check';

/** As much of JSON Schema as our document uses for requests. */
interface Keywords {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Keywords[];
  /** Which fields exclude each other. */
  readonly oneOf?: readonly Keywords[];
  readonly items?: Keywords;
  readonly properties?: Readonly<Record<string, Keywords>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Keywords | boolean;
  readonly propertyNames?: Keywords;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
}

export interface Making {
  readonly schemas: Readonly<Record<string, Schema>>;
  /** What is put for a field of this name: images, for example, that no schema can describe. */
  readonly known: Readonly<Record<string, fc.Arbitrary<unknown>>>;
}

const most = { characters: 300, entries: 3, pairs: 4 };

/** Values that the schema allows. */
export function allowed(given: Schema, making: Making): fc.Arbitrary<unknown> {
  const schema = resolved(given, making);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => allowed(one as Schema, making)));
  switch (schema.type) {
    case 'string':
      return texts(schema);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1e9, 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true });
    case 'array':
      return fc.array(allowed((schema.items ?? {}) as Schema, making), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? most.entries, most.entries),
      });
    case 'object':
      return objects(schema, making);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function resolved(schema: Schema, { schemas }: Making): Keywords {
  const { $ref } = schema as Keywords;
  return $ref === undefined ? (schema as Keywords) : (schemas[$ref.split('/').at(-1) ?? ''] as Keywords);
}

function texts({ format, pattern, minLength = 0, maxLength = most.characters }: Keywords) {
  if (format === 'uuid') return fc.uuid();
  const maximum = Math.min(maxLength, most.characters);
  const fits = (text: string) => text.length >= minLength && text.length <= maximum;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(fits);
  return fc
    .string({ unit: 'grapheme', minLength, maxLength: maximum })
    .filter((text) => text.length <= maxLength);
}

function objects(schema: Keywords, making: Making): fc.Arbitrary<unknown> {
  const { properties, required = [], additionalProperties, propertyNames = {} } = schema;
  if (properties) {
    const fields = Object.entries(properties).map(
      ([name, field]) => [name, making.known[name] ?? allowed(field as Schema, making)] as const,
    );
    const record = fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
    return schema.oneOf ? oneOfThese(record, schema.oneOf, Object.fromEntries(fields)) : record;
  }
  const values = typeof additionalProperties === 'object' ? additionalProperties : {};
  const names = texts({ minLength: 1, ...propertyNames });
  return fc.dictionary(names, allowed(values as Schema, making), { maxKeys: most.pairs });
}

/** One of the alternatives is there, and none of the fields of the others. */
function oneOfThese(
  record: fc.Arbitrary<object>,
  alternatives: readonly Keywords[],
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<unknown> {
  const names = alternatives.flatMap(({ required = [] }) => required);
  const wanted = fc
    .constantFrom(...names)
    .chain((name) => (fields[name] ?? fc.anything()).map((value) => ({ [name]: value })));
  return fc.tuple(record, wanted).map(([value, one]) => {
    const others = Object.entries(value).filter(([name]) => !names.includes(name));
    return { ...Object.fromEntries(others), ...one };
  });
}

/** An allowed object in which one thing is changed, mostly to something that is not allowed. */
export function spoiled(given: Schema, making: Making): fc.Arbitrary<unknown> {
  const names = Object.keys(resolved(given, making).properties ?? {});
  const change = fc.tuple(fc.constantFrom(...names, 'unheard_of'), fc.option(oddValues, { nil: undefined }));
  const changed = fc
    .tuple(allowed(given, making), change)
    .map(([value, [name, odd]]) => ({ ...Object(value), [name]: odd }));
  return fc.oneof({ weight: 8, arbitrary: changed }, { weight: 1, arbitrary: oddValues });
}

const oddValues: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    'nonsense',
    -1,
    0,
    0.5,
    1e9,
    [],
    {},
    [[]],
    [null],
    { '': 1 },
    '\ud800',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
