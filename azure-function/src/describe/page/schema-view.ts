// Schemas as people read them: one line for each field, with its type, range, default and meaning.
import { type Html, html, inline } from './html.ts';

/** The keywords of JSON Schema that our document has. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly pattern?: string;
}

export const nameOfRef = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1);

/** `text, or null`, `list of texts`, a link to what has a name. */
export function typeOf(schema: Schema): Html {
  if (schema.$ref !== undefined) return refLink(schema.$ref);
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum) return choices(schema.enum, '');
  if (schema.anyOf) return typeOfAlternatives(schema.anyOf);
  if (Array.isArray(schema.type))
    return typeOfAlternatives(schema.type.map((type: string) => ({ ...schema, type })));
  if (schema.type === 'array')
    return schema.items?.properties ? html`list` : html`list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'object' && !schema.properties && typeof schema.additionalProperties === 'object')
    return html`pairs of name and ${typeOf(schema.additionalProperties)}`;
  return html`${words[schema.format ?? ''] ?? words[String(schema.type)] ?? 'anything'}`;
}

const words: Readonly<Record<string, string>> = {
  uuid: 'uuid',
  uri: 'address',
  'date-time': 'time',
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
};

function refLink(ref: string): Html {
  const name = nameOfRef(ref);
  return html`<a href="#schema-${name}">${name}</a>`;
}

/** A list that may grow is written as "one of these or any text". */
function typeOfAlternatives(all: readonly Schema[]): Html {
  const names = all.find((one) => one.enum);
  const others = all.filter((one) => one !== names && one.type !== 'null');
  const orNull = all.some((one) => one.type === 'null') ? ', or null' : '';
  if (names?.enum && others.every((one) => one.type === 'string'))
    return html`${choices(names.enum, others.length > 0 ? ', …' : '')}${orNull}`;
  return html`${others.map((one, index) => html`${index > 0 ? ' or ' : ''}${typeOf(one)}`)}${orNull}`;
}

function choices(values: readonly unknown[], ending: string): Html {
  return html`${values.map((value, index) => html`${index > 0 ? ' ' : ''}<code>${String(value)}</code>`)}${ending}`;
}

/** `0 to 1`, `at most 500 characters`. */
function boundsOf(schema: Schema): string {
  const { items } = schema;
  const ranges = [
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength === 1 ? undefined : schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems === 1 ? undefined : schema.minItems, schema.maxItems, ' entries'),
    range(undefined, schema.maxProperties, ' pairs'),
    items ? boundsOf(items) : '',
  ];
  return ranges.filter((one) => one !== '').join(', ');
}

function range(low: number | undefined, high: number | undefined, unit: string): string {
  const show = (number: number) => number.toLocaleString('en-US', { useGrouping: number >= 10_000 });
  if (low !== undefined && high !== undefined) return `${show(low)} to ${show(high)}${unit}`;
  if (low !== undefined) return `at least ${show(low)}${unit}`;
  return high === undefined ? '' : `at most ${show(high)}${unit}`;
}

export interface Row {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
  /** Where a parameter goes. */
  readonly place?: string;
}

/** One row for each field; those of an object within come below it, with their path. */
export function fieldTable(schema: Schema, showRequired: boolean): Html {
  return rowsTable(rowsOf(schema, ''), showRequired);
}

export function rowsTable(rows: readonly Row[], showRequired: boolean): Html {
  return html`<div class="rows">${rows.map((row) => fieldRow(row, showRequired))}</div>`;
}

function fieldRow({ name, schema, isRequired, place }: Row, showRequired: boolean): Html {
  const bounds = boundsOf(schema);
  const dot = name.lastIndexOf('.') + 1;
  const notes = [
    bounds !== '' && html`<span class="note">${bounds}</span>`,
    isNotable(schema.default) &&
      html`<span class="note">default <code>${shown(schema.default)}</code></span>`,
  ];
  return html`<div class="row"><div class="name"><code><span class="path">${name.slice(0, dot)}</span>${name.slice(dot)}</code>${place !== undefined && html`<span class="optional">${place}</span>`}${showRequired && isRequired && html`<span class="required">required</span>`}${!showRequired && !isRequired && html`<span class="optional">sometimes</span>`}</div><div><span class="type">${typeOf(schema)}</span>${notes}${schema.description !== undefined && html`<p>${inline(schema.description)}</p>`}</div></div>`;
}

function isNotable(value: unknown): boolean {
  return value !== undefined && shown(value) !== '{}';
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}

function rowsOf(schema: Schema, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const isRequired = schema.required?.includes(name) ?? false;
    const path = prefix + name;
    return [{ name: path, schema: field, isRequired }, ...rowsBelow(field, path)];
  });
}

function rowsBelow(field: Schema, path: string): Row[] {
  if (field.properties) return rowsOf(field, `${path}.`);
  if (field.items?.properties) return rowsOf(field.items, `${path}[].`);
  const inner = field.anyOf?.find((one) => one.properties);
  return inner ? rowsOf(inner, `${path}.`) : [];
}
