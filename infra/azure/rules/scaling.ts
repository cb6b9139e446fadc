// What keeps the worker from costing money while idle, and from being taken away under a job.
import { type Finding, finding } from '../check/finding.ts';
import { everyValue, type Resource, type Template, textOf, type Value, valueAt } from '../check/template.ts';
import { alternatives, type Rule, requireValue, resourcesOf } from './rule.ts';

const containerApps = 'Microsoft.App/containerApps';

export const sleepsWhenIdle = requireValue(containerApps, 'properties.template.scale.minReplicas', ['0']);
export const hasOneRevision = requireValue(containerApps, 'properties.configuration.activeRevisionsMode', [
  'Single',
]);

/** The service refuses both counts on a profile with a GPU. */
export const profilesHaveNoCounts: Rule = (templates) =>
  templates.flatMap((template) =>
    valuesOf(template).flatMap((value) =>
      ['minimumCount', 'maximumCount']
        .filter((name) => valueAt(value, name))
        .map((name) => finding(value.place, `Expected no ${name}, for a workload profile`)),
    ),
  );

/** Nobody can reach the worker from outside: only the queue wakes it. */
export const hasNoIngress: Rule = (templates) =>
  resourcesOf(templates, containerApps).flatMap(({ resource }) => {
    const ingress = valueAt(resource.body, 'properties', 'configuration', 'ingress');
    return ingress ? [finding(ingress.place, 'Expected no ingress, for the worker')] : [];
  });

/** Without an image there is neither a rule nor a registry nor a GPU; with one there is all of it. */
export const firstPhaseSleeps: Rule = (templates) =>
  resourcesOf(templates, containerApps).flatMap(({ resource }) => {
    const paths = ['configuration.registries', 'template.scale.rules'];
    const guarded = paths.filter((path) => !isGuarded(resource, path, '[]'));
    const onGpu = isGuarded(resource, 'workloadProfileName', "'Consumption'") ? [] : ['workloadProfileName'];
    return [...guarded, ...onGpu].map((path) =>
      finding(resource.place, `Expected nothing of it without an image, for ${path}`),
    );
  });

function isGuarded(resource: Resource, path: string, without: string): boolean {
  const value = valueAt(resource.body, 'properties', ...path.split('.'));
  return value?.kind === 'ternary' && value.condition.text === 'isReal' && value.whenFalse.text === without;
}

const ruleNeeds: Readonly<Record<string, (text: string | undefined) => boolean>> = {
  type: (text) => text === 'azure-queue',
  identity: (text) => text === 'identities.scalerId',
  'metadata.accountName': (text) => text === 'storage.accountName',
  'metadata.queueName': (text) => text === 'storage.queueName',
  'metadata.queueLengthStrategy': (text) => text === 'all',
  'metadata.activationQueueLength': (text) => text === '0',
  'metadata.queueLength': (text) => text === 'string(scale.queueLength)',
  auth: (text) => text === undefined,
};

export const queueWakesByIdentity: Rule = (templates) =>
  resourcesOf(templates, containerApps).flatMap(({ template, resource }) => {
    const rules = queueRules(template, resource);
    if (rules.length === 0) return [finding(resource.place, 'Expected a custom scale rule, for the worker')];
    return rules.flatMap((rule) => wrongNeeds(rule));
  });

function queueRules(template: Template, resource: Resource): Value[] {
  const lists = alternatives(template, valueAt(resource.body, 'properties', 'template', 'scale', 'rules'));
  const items = lists.flatMap((list) => (list.kind === 'array' ? list.items : []));
  return items
    .flatMap((item) => alternatives(template, item))
    .flatMap((item) => valueAt(item, 'custom') ?? []);
}

function wrongNeeds(rule: Value): Finding[] {
  return Object.entries(ruleNeeds).flatMap(([path, isRight]) => {
    const value = valueAt(rule, ...path.split('.'));
    const text = textOf(value) ?? value?.text;
    return isRight(text)
      ? []
      : [finding((value ?? rule).place, `Unexpected ${path} of the scale rule: ${text ?? 'nothing'}`)];
  });
}

function numberOf(template: Template, name: string): number | undefined {
  const value = template.variables.find((variable) => variable.name === name)?.value;
  return value?.kind === 'number' ? value.value : undefined;
}

/** The platform was seen to kill from 60 s after SIGTERM on; handing a job back takes up to 10 s of it. */
export const endsInTime: Rule = (templates) =>
  resourcesOf(templates, containerApps).flatMap(({ template, resource }) => {
    const [grace, shutdown] = [numberOf(template, 'graceSeconds'), numberOf(template, 'shutdownSeconds')];
    const written = valueAt(resource.body, 'properties', 'template', 'terminationGracePeriodSeconds')?.text;
    const fits =
      grace !== undefined && shutdown !== undefined && shutdown + 10 <= Math.min(50, grace) && grace <= 600;
    if (fits && written === 'graceSeconds') return [];
    return [
      finding(
        resource.place,
        `Expected 10 s for handing back, for ${shutdown} s of ${grace} s and of the 50 s that are sure`,
      ),
    ];
  });

/** What Container Apps takes for a probe. */
const probeLimits = {
  initialDelaySeconds: [0, 60],
  periodSeconds: [1, 240],
  timeoutSeconds: [1, 240],
  failureThreshold: [1, 10],
} as const;

export const probesAreInRange: Rule = (templates) =>
  templates.flatMap((template) =>
    valuesOf(template)
      .filter((value) => valueAt(value, 'httpGet'))
      .flatMap((probe) =>
        Object.entries(probeLimits).flatMap(([name, [least, most]]) => {
          const value = valueAt(probe, name);
          const isRight =
            value === undefined || (value.kind === 'number' && value.value >= least && value.value <= most);
          return isRight
            ? []
            : [finding(value.place, `Expected ${least} to ${most}, for ${name}, received ${value.text}`)];
        }),
      ),
  );

function valuesOf(template: Template): Value[] {
  const roots = [
    ...template.resources.map(({ body }) => body),
    ...template.variables.map(({ value }) => value),
  ];
  return roots.flatMap((root) => [...everyValue(root)]);
}
