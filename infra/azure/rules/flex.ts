// What the Flex Consumption plan asks of a site: less than the published type of all sites allows.
import { finding } from '../check/finding.ts';
import { textOf, valueAt } from '../check/template.ts';
import { type Rule, resourcesOf } from './rule.ts';

const sites = 'Microsoft.Web/sites';
const policies = `${sites}/basicPublishingCredentialsPolicies`;

/**
 * Properties of `siteConfig` that the service answers with error 51021, "for Flex Consumption sites is invalid": seen in
 * azure-pipelines-tasks#21032 and #22254, and in the tables of terraform-azurerm-avm-res-web-site#345. Some are in
 * `functionAppConfig`, the others the plan has not.
 */
const refused = [
  'alwaysOn',
  'ftpsState',
  'functionAppScaleLimit',
  'functionsRuntimeScaleMonitoringEnabled',
  'linuxFxVersion',
  'minimumElasticInstanceCount',
  'netFrameworkVersion',
  'nodeVersion',
  'numberOfWorkers',
  'preWarmedInstanceCount',
  'use32BitWorkerProcess',
  'windowsFxVersion',
];

export const flexTakesTheSite: Rule = (templates) =>
  resourcesOf(templates, sites).flatMap(({ resource }) =>
    refused.flatMap((name) => {
      const value = valueAt(resource.body, 'properties', 'siteConfig', name);
      return value ? [finding(value.place, `Expected no ${name}, for a site on Flex Consumption`)] : [];
    }),
  );

/** FTP and the deployment site take passwords unless each is told not to. */
export const bothDoorsTakeNoPassword: Rule = (templates) => {
  const closed = resourcesOf(templates, policies)
    .filter(({ resource }) => valueAt(resource.body, 'properties', 'allow')?.text === 'false')
    .map(({ resource }) => textOf(valueAt(resource.body, 'name')));
  const open = ['ftp', 'scm'].filter((name) => !closed.includes(name));
  return resourcesOf(templates, sites).flatMap(({ resource }) =>
    open.map((name) => finding(resource.place, `Expected a policy against passwords, for ${name}`)),
  );
};
