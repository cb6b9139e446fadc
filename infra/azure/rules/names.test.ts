// Names that the templates share with the code, and ids of roles: one source for each, and no second spelling.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { containerNames, queueName, webhookQueueName } from '@impasto/shared/azure';
import { namesFit, tokensAreCounted } from './global-names.ts';
import { azureFolder, catches, holds, readAzure, readAzureJson } from './testing.ts';

test('containers and queues of the templates are those of the code', () => {
  assert.deepEqual(readAzureJson('storage-names.json'), {
    containers: containerNames,
    jobQueue: queueName,
    webhookQueue: webhookQueueName,
    webhookPoisonQueue: `${webhookQueueName}-poison`,
  });
});

test('no template spells the name of a queue itself', () => {
  for (const file of [
    'main.bicep',
    ...readdirSync(join(azureFolder, 'modules')).map((name) => `modules/${name}`),
  ]) {
    for (const name of [queueName, webhookQueueName, `${webhookQueueName}-poison`]) {
      assert.ok(
        !readAzure(file).includes(`'${name}'`),
        `Expected ${name} from storage-names.json, in ${file}`,
      );
    }
  }
});

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
const knownRoles = {
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  storageBlobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a',
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
  storageQueueDataReader: '19e7f393-937e-4f77-808e-94535e297925',
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
};

test('roles are named in one place, with the ids that Azure gave them', () => {
  assert.deepEqual(readAzureJson('role-ids.json'), knownRoles);
});

test('names that Azure limits are neither too long nor of other letters', async () => {
  await holds(namesFit);
  const token = '$' + '{token}';
  await catches(namesFit, { 'modules/storage.bicep': [`'st${token}'`, `'st-${token}'`] });
  await catches(namesFit, { 'modules/vault.bicep': [`'kv-${token}'`, `'kv-of-impasto-${token}'`] });
  await catches(namesFit, { 'modules/worker.bicep': [`'worker-${token}'`, `'Worker-${token}'`] });
});

test('the compiler can count the letters of limited names', async () => {
  await holds(tokensAreCounted);
  await catches(tokensAreCounted, { 'modules/storage.bicep': ['@minLength(13)\n', ''] });
  await catches(tokensAreCounted, { 'modules/registry.bicep': ['@maxLength(13)\n', ''] });
});
