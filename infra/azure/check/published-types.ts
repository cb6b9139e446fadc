// The types that Azure publishes, from the folder types/, whose SOURCES.md says where they come from.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type BicepType,
  type DiscriminatedObjectType,
  type ObjectType,
  readTypesJson,
  TypeBaseKind,
  type TypeReference,
} from '@azure/bicep-types';

/** Looks up what a type refers to, in the file that the type is from. */
export type Lookup = (reference: TypeReference) => BicepType;

export interface PublishedResource {
  readonly body: BicepType;
  /** Bits of `ScopeType`: where the resource can be deployed. */
  readonly writableScopes: number;
  readonly lookup: Lookup;
}

const files = new Map<string, readonly BicepType[]>();

/** @returns undefined when the file of types is missing, or does not hold the resource. */
export function publishedResource(type: string, version: string): PublishedResource | undefined {
  const types = readTypes(typesFile(type, version));
  const wanted = `${type}@${version}`.toLowerCase();
  const lookup: Lookup = ({ index }) => types[index] ?? { type: TypeBaseKind.AnyType };
  for (const candidate of types) {
    if (candidate.type !== TypeBaseKind.ResourceType || candidate.name.toLowerCase() !== wanted) continue;
    return { body: lookup(candidate.body), writableScopes: candidate.writableScopes, lookup };
  }
  return undefined;
}

/** Name of the file that the types of a resource are expected in. */
export function typesFile(type: string, version: string): string {
  return `${type.split('/', 1)[0]?.toLowerCase()}.${version}.json`;
}

function readTypes(name: string): readonly BicepType[] {
  const path = fileURLToPath(new URL(`./types/${name}`, import.meta.url));
  const types = files.get(name) ?? (existsSync(path) ? readTypesJson(readFileSync(path, 'utf8')) : []);
  files.set(name, types);
  return types;
}

/** The properties of an object, for one value of its discriminator where it has one. */
export function objectFor(
  type: ObjectType | DiscriminatedObjectType,
  lookup: Lookup,
  discriminator: string | undefined,
): ObjectType | undefined {
  if (type.type === TypeBaseKind.ObjectType) return type;
  const reference = discriminator === undefined ? undefined : type.elements[discriminator];
  const element = reference && lookup(reference);
  if (element?.type !== TypeBaseKind.ObjectType) return undefined;
  return { ...element, properties: { ...type.baseProperties, ...element.properties } };
}
