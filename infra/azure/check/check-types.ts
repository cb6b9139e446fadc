// Checks every resource of a template against the type that Azure publishes for its version.
import { ScopeType, TypeBaseKind } from '@azure/bicep-types';
import { checkObject } from './check-value.ts';
import type { Context } from './context.ts';
import { type Finding, finding } from './finding.ts';
import { type PublishedResource, publishedResource, typesFile } from './published-types.ts';
import { scopeOf } from './scope.ts';
import { type Resource, type Template, textOf, valueAt } from './template.ts';

/** Names that Bicep gives a meaning, whatever the type of the resource. */
const bicepNames = ['parent', 'scope', 'dependsOn'];
const namesOfExisting = ['name', 'parent', 'scope'];

export function checkTypes(template: Template): Finding[] {
  return template.resources.flatMap((resource) => checkResource(resource, template));
}

function checkResource(resource: Resource, template: Template): Finding[] {
  const { place, type, version } = resource;
  const published = publishedResource(type, version);
  if (!published) {
    const message = `Expected ${type}@${version} in types/${typesFile(type, version)}, for ${resource.name}, received nothing.`;
    return [finding(place, message)];
  }
  if (resource.existing) return [...checkExisting(resource, published, template), ...checkName(resource)];
  return [
    ...checkBody(resource, published, template),
    ...checkName(resource),
    ...checkScope(resource, published, template),
  ];
}

function checkBody(resource: Resource, { body, lookup }: PublishedResource, template: Template): Finding[] {
  if (body.type !== TypeBaseKind.ObjectType && body.type !== TypeBaseKind.DiscriminatedObjectType) return [];
  const context: Context = {
    lookup,
    scope: scopeOf(template),
    path: resource.name,
    partial: resource.existing,
    through: [],
  };
  return checkObject(lastNamePart(resource), body, context, bicepNames);
}

/** The body with `account/default` cut to `default`: the type describes the last part of a name. */
function lastNamePart({ body }: Resource): Resource['body'] {
  const entries = body.entries.map((entry) => {
    if (entry.name !== 'name' || entry.value.kind !== 'string') return entry;
    return { ...entry, value: { ...entry.value, value: entry.value.value.split('/').at(-1) ?? '' } };
  });
  return { ...body, entries };
}

function checkExisting(resource: Resource, published: PublishedResource, template: Template): Finding[] {
  const { name, body } = resource;
  const known = body.entries.filter((entry) => namesOfExisting.includes(entry.name ?? ''));
  const allowed = namesOfExisting.join(', ');
  return [
    ...(valueAt(body, 'name')
      ? []
      : [finding(body.place, `Expected a value, for ${name}.name, received nothing.`)]),
    ...checkBody({ ...resource, body: { ...body, entries: known } }, published, template),
    ...body.entries
      .filter((entry) => !known.includes(entry))
      .map((entry) =>
        finding(entry.place, `Expected ${allowed}, for the existing ${name}, received ${entry.name}.`),
      ),
  ];
}

/** A child names its parent in one way: `parent:`, by standing inside of it, or by a name with slashes. */
function checkName({ name, body, type, parent, inside }: Resource): Finding[] {
  const value = valueAt(body, 'name');
  const text = textOf(value);
  if (!value || text === undefined) return [];
  const expected = parent || inside ? 1 : type.split('/').length - 1;
  const parts = text.split('/').length;
  if (parts === expected) return [];
  return [
    finding(value.place, `Expected a name of ${expected} part(s), for ${name}, received ${value.text}.`),
  ];
}

const scopes: Readonly<Record<string, ScopeType>> = {
  tenant: ScopeType.Tenant,
  managementGroup: ScopeType.ManagementGroup,
  subscription: ScopeType.Subscription,
  resourceGroup: ScopeType.ResourceGroup,
};

function checkScope(
  resource: Resource,
  { writableScopes }: PublishedResource,
  { targetScope }: Template,
): Finding[] {
  if (resource.scope || resource.parent || resource.inside) return [];
  if (writableScopes & (scopes[targetScope] ?? 0)) return [];
  return [
    finding(
      resource.place,
      `Expected another targetScope or a scope, for ${resource.name}, received ${targetScope}.`,
    ),
  ];
}
