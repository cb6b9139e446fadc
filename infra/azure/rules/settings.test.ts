// Every setting that an app needs is set by the templates, and none that it does not know.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentSchema as functionSchema } from '../../../azure-function/src/config.ts';
import { environmentSchema as workerSchema } from '../../../container-app/src/config.ts';
import { type Value, valueAt } from '../check/template.ts';
import { type AppSettings, settingsFit } from './settings.ts';
import { catches, holds, readAzure } from './testing.ts';

type Fields = Readonly<Record<string, { safeParse(value: undefined): { success: boolean } }>>;

/** What has no default, and what only Azure has: an account by its name, opened by one identity among several. */
function requiredOf(fields: Fields): string[] {
  const withoutDefault = Object.entries(fields).filter(([, field]) => !field.safeParse(undefined).success);
  return [...withoutDefault.map(([name]) => name), 'STORAGE_ACCOUNT_NAME', 'AZURE_CLIENT_ID'];
}

const telemetry = ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'];

const door: AppSettings = {
  type: 'Microsoft.Web/sites',
  listIn: (body) => valueAt(body, 'properties', 'siteConfig', 'appSettings'),
  known: Object.keys(functionSchema.shape),
  required: [
    ...requiredOf(functionSchema.shape),
    ...telemetry,
    'MODELS',
    'MAX_REPLICAS',
    'COLD_START_SECONDS',
  ],
};

function firstContainer(body: Value): Value | undefined {
  const containers = valueAt(body, 'properties', 'template', 'containers');
  return containers?.kind === 'array' ? containers.items[0] : undefined;
}

const worker: AppSettings = {
  type: 'Microsoft.App/containerApps',
  listIn: (body) => valueAt(firstContainer(body), 'env'),
  known: Object.keys(workerSchema.shape),
  required: [
    ...requiredOf(workerSchema.shape),
    ...telemetry,
    'EXECUTION_PROVIDERS',
    'MEMORY_LIMIT_MB',
    'HEALTH_PORT',
    'SHUTDOWN_SECONDS',
  ],
};

test('the function has what it needs, and nothing it does not know', async () => {
  const rule = settingsFit(door);
  await holds(rule);
  const file = 'modules/function.bicep';
  const account = "{ name: 'STORAGE_ACCOUNT_NAME', value: storageAccountName }";
  await catches(rule, { [file]: [account, ''] });
  await catches(rule, { [file]: [account, `${account}\n  { name: 'MAX_QUEUE', value: '1' }`] });
  await catches(rule, { [file]: [account, `${account}\n  ${account}`] });
  // Flex Consumption refuses it: functionAppConfig says it.
  await catches(rule, {
    [file]: [account, `${account}\n  { name: 'FUNCTIONS_WORKER_RUNTIME', value: 'node' }`],
  });
  // With a whole connection string beside it the host would not use its identity.
  await catches(rule, { [file]: [account, `${account}\n  { name: 'AzureWebJobsStorage', value: 'x' }`] });
  await catches(rule, { 'main.bicep': ["{ name: 'MAX_QUEUED',", "{ name: 'MAX_QUEUDE',"] });
});

test('the worker has what it needs, and nothing it does not know', async () => {
  const rule = settingsFit(worker);
  await holds(rule);
  const file = 'modules/worker.bicep';
  const lease = "{ name: 'LEASE_SECONDS', value: '60' }";
  await catches(rule, { [file]: [lease, `${lease}\n  { name: 'LEASE', value: '60' }`] });
  await catches(rule, { [file]: ["{ name: 'HEALTH_PORT', value: string(healthPort) }", ''] });
});

test('the names of the schemas are read from them', () => {
  assert.ok(door.known.includes('SWEEP_SCHEDULE') && worker.known.includes('MAX_PIXELS'));
});

test('the sweeper leaves a job alone for three leases of its worker', () => {
  const secondsOf = (name: string, file: string) =>
    Number(new RegExp(`'${name}', value: '(\\d+)'`).exec(readAzure(file))?.[1]);
  const lease = secondsOf('LEASE_SECONDS', 'modules/worker.bicep');
  assert.ok(secondsOf('SWEEP_AFTER_SECONDS', 'main.bicep') >= 3 * lease);
});
