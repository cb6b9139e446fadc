// What others count on in the main template: its outputs, and parameters that cannot leave the platform's ranges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBicep } from '../check/parse-bicep.ts';
import { readAzure } from './testing.ts';

const main = await parseBicep(readAzure('main.bicep'), 'main.bicep');

test('azd and the script find the outputs that they read', () => {
  assert.deepEqual(main.outputs.map(({ name }) => name).sort(), [
    'APPLICATIONINSIGHTS_NAME',
    'AZURE_BUDGET_START_DATE',
    'AZURE_CONTAINER_APPS_ENVIRONMENT_NAME',
    'AZURE_CONTAINER_REGISTRY_ENDPOINT',
    'AZURE_CONTAINER_REGISTRY_NAME',
    'AZURE_FUNCTION_APP_NAME',
    'AZURE_FUNCTION_APP_URL',
    'AZURE_KEY_VAULT_NAME',
    'AZURE_LOCATION',
    'AZURE_RESOURCE_GROUP',
    'AZURE_STORAGE_ACCOUNT_NAME',
    'AZURE_WORKBOOK_ID',
    'AZURE_WORKER_APP_NAME',
    'AZURE_WORKER_PROFILE',
  ]);
});

// Container Apps, Flex Consumption and Log Analytics, in this order.
const platformRanges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  maxReplicas: [1, 1000],
  pollingIntervalSeconds: [1, 3600],
  cooldownSeconds: [1, 86_400],
  functionMaxInstances: [40, 1000],
  functionRequestsPerInstance: [1, 1000],
  logRetentionDays: [30, 730],
};

for (const [name, [least, most]] of Object.entries(platformRanges)) {
  test(`${name} stays between ${least} and ${most}`, () => {
    const { decorators = [] } = main.parameters.find((parameter) => parameter.name === name) ?? {};
    const limit = (kind: string) => Number(decorators.find((one) => one.name === kind)?.args[0]?.text);
    assert.ok(limit('minValue') >= least && limit('maxValue') <= most);
  });
}
