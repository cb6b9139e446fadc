// Finds the part of a path, as in `account.properties.primaryEndpoints.blob`, that what it leads into does not have.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BicepType, TypeBaseKind } from '@azure/bicep-types';
import { type Lookup, publishedResource } from './published-types.ts';
import { type Reference, type Template, type TypeOfValue, textOf, type Value } from './template.ts';

type Path = readonly string[];

/** The unknown part, or undefined when all are known or only a deployment can tell. */
export function unknownPart({ name, path, surePath }: Reference, template: Template): string | undefined {
  const named = <T extends { name: string }>(list: readonly T[]) =>
    list.find((candidate) => candidate.name === name);
  const resource = named(template.resources);
  const published = resource && publishedResource(resource.type, resource.version);
  if (published) return inPublished(published.body, path, published.lookup);
  const variable = named(template.variables);
  if (variable) return inValue(variable.value, surePath, template);
  const parameter = named(template.parameters);
  return parameter && inType(parameter.type, surePath);
}

function inPublished(type: BicepType, [part, ...rest]: Path, lookup: Lookup): string | undefined {
  if (part === undefined || type.type !== TypeBaseKind.ObjectType) return undefined;
  const reference = type.properties[part]?.type ?? type.additionalProperties;
  return reference ? inPublished(lookup(reference), rest, lookup) : part;
}

function inType({ properties, item }: TypeOfValue, [part, ...rest]: Path): string | undefined {
  if (part === undefined) return undefined;
  const type = part === '[]' ? item : properties?.get(part);
  return type ? inType(type, rest) : properties && part;
}

function inValue(value: Value, path: Path, template: Template): string | undefined {
  const [part, ...rest] = path;
  if (value.kind === 'call' && value.name === 'loadJsonContent')
    return inJson(readJson(value.args[0], template), path);
  if (part === '[]' && value.kind === 'array')
    return firstUnknown(value.items.map((item) => inValue(item, rest, template)));
  if (part === undefined || value.kind !== 'object') return undefined;
  if (value.entries.some((entry) => entry.name === undefined)) return undefined;
  const entry = value.entries.find((candidate) => candidate.name === part);
  return entry ? inValue(entry.value, rest, template) : part;
}

function inJson(json: unknown, [part, ...rest]: Path): string | undefined {
  if (part === undefined || typeof json !== 'object' || json === null) return undefined;
  if (Array.isArray(json))
    return part === '[]' ? firstUnknown(json.map((item) => inJson(item, rest))) : undefined;
  const entry = Object.entries(json).find(([name]) => name === part);
  return entry ? inJson(entry[1], rest) : part;
}

/** A file that is missing is a finding of its own. */
function readJson(name: Value | undefined, { file }: Template): unknown {
  const path = join(dirname(file), textOf(name) ?? '');
  return textOf(name) !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function firstUnknown(unknown: readonly (string | undefined)[]): string | undefined {
  return unknown.find((part) => part !== undefined);
}
