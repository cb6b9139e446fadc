// Who may do what: every right by the name of its role, as narrow as it goes.
import { finding } from '../check/finding.ts';
import { type Resource, type Template, textOf, type Value, valueAt } from '../check/template.ts';
import { type Rule, resourcesOf } from './rule.ts';

const assignments = 'Microsoft.Authorization/roleAssignments';

/** Rights to a whole account, vault, registry or component, with the reason why less does not do. */
const wide: Readonly<Record<string, string>> = {
  storageBlobDelegator: 'the right to sign addresses counts at an account only',
  storageBlobDataOwner: 'the Functions host makes containers in an account that is its own',
  acrPull: 'the registry has the images of the worker only',
  keyVaultSecretsUser: 'the vault has the secrets of the function only',
  monitoringMetricsPublisher: 'a component has no parts',
};
/** Where whoever deploys may look, by the name of the assignment. */
const deployers = 'deployerReads';
const containerOrQueue = /\/(?:containers|queues)$/;

/** The type of what an assignment is for, by the symbol that its `scope` names. */
function scopeType({ resources }: Template, scope: Value | undefined): string | undefined {
  const symbol = /^\w+/.exec(scope?.text ?? '')?.[0];
  return resources.find(({ name }) => name === symbol)?.type;
}

function roleOf(resource: Resource): Value | undefined {
  const id = valueAt(resource.body, 'properties', 'roleDefinitionId');
  const isWhole = id?.kind === 'call' && id.name === 'subscriptionResourceId';
  return isWhole ? id.args[1] : undefined;
}

/** `roleIds.acrPull` where it is written; the lines of a list where the assignment runs over one. */
function roleNames(template: Template, resource: Resource): string[] {
  const source = resource.over
    ? template.variables.find(({ name }) => name === resource.over?.text)
    : undefined;
  const direct = /^roleIds\.(\w+)$/.exec(roleOf(resource)?.text ?? '')?.[1];
  if (direct !== undefined) return [direct];
  return [...(source?.value.text ?? '').matchAll(/roleId: roleIds\.(\w+)/g)].map(([, name = '']) => name);
}

export function rolesAreNamed(roleIds: Readonly<Record<string, string>>): Rule {
  return (templates) =>
    resourcesOf(templates, assignments).flatMap(({ template, resource }) => {
      const names = roleNames(template, resource);
      if (names.length > 0 && names.every((name) => name in roleIds)) return [];
      const received = names.join(', ') || (roleOf(resource)?.text ?? 'nothing');
      return [
        finding(
          resource.place,
          `Expected roles of role-ids.json, for ${resource.name}, received ${received}`,
        ),
      ];
    });
}

/** A name from scope, principal and role: the same right is never given twice, and a second deployment finds it. */
export const rightsHaveSteadyNames: Rule = (templates) =>
  resourcesOf(templates, assignments).flatMap(({ resource }) => {
    const name = valueAt(resource.body, 'name');
    const isSteady = name?.kind === 'call' && name.name === 'guid' && name.args.length === 3;
    const hasKind = valueAt(resource.body, 'properties', 'principalType') !== undefined;
    if (isSteady && hasKind) return [];
    return [
      finding(
        resource.place,
        `Expected a guid() of scope, principal and role, and a principalType, for ${resource.name}`,
      ),
    ];
  });

export const rightsAreNarrow: Rule = (templates) =>
  resourcesOf(templates, assignments).flatMap(({ template, resource }) => {
    const type = scopeType(template, resource.scope);
    if (type !== undefined && containerOrQueue.test(type)) return [];
    const tooWide = roleNames(template, resource).filter((name) => !(name in wide));
    if (type !== undefined && (tooWide.length === 0 || resource.name === deployers)) return [];
    const message = `Expected a container or queue, for ${tooWide.join(', ')} of ${resource.name}, received ${type ?? 'nothing'}`;
    return [finding(resource.place, message)];
  });

/** Whoever deploys may be given nothing but reading. */
export const deployersOnlyRead: Rule = (templates) =>
  resourcesOf(templates, assignments).flatMap(({ template, resource }) => {
    const principal = valueAt(resource.body, 'properties', 'principalId');
    const isDeployer = textOf(principal) ?? principal?.text;
    if (isDeployer !== 'deployerPrincipalId') return [];
    const more = roleNames(template, resource).filter((name) => !name.endsWith('Reader'));
    return more.map((name) =>
      finding(resource.place, `Expected a reader's role, for ${resource.name}, received ${name}`),
    );
  });
