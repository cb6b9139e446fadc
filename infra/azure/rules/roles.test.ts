// Rights that are too wide, or that a second deployment would give again.
import { test } from 'node:test';
import { z } from 'zod';
import { deployersOnlyRead, rightsAreNarrow, rightsHaveSteadyNames, rolesAreNamed } from './roles.ts';
import { catches, holds, readAzureJson } from './testing.ts';

const roleIds = z.record(z.string(), z.string()).parse(readAzureJson('role-ids.json'));

test('every role is named', async () => {
  await holds(rolesAreNamed(roleIds));
  await catches(rolesAreNamed(roleIds), {
    'modules/registry.bicep': [
      "'Microsoft.Authorization/roleDefinitions', roleIds.acrPull",
      "'Microsoft.Authorization/roleDefinitions', roleIds.owner",
    ],
  });
  await catches(rolesAreNamed(roleIds), {
    'modules/queue-roles.bicep': [
      '{ queue: 0, principalId: scalerPrincipalId, roleId: roleIds.storageQueueDataReader }',
      '{ queue: 0, principalId: scalerPrincipalId, roleId: roleIds.everything }',
    ],
  });
});

test('every right has the same name in each deployment', async () => {
  await holds(rightsHaveSteadyNames);
  await catches(rightsHaveSteadyNames, {
    'modules/vault.bicep': [
      'guid(vault.id, functionPrincipalId, roleIds.keyVaultSecretsUser)',
      "guid('vault-reader')",
    ],
  });
  await catches(rightsHaveSteadyNames, {
    'modules/vault.bicep': ["    principalType: 'ServicePrincipal'\n", ''],
  });
});

test('no right is wider than it has to be', async () => {
  await holds(rightsAreNarrow);
  await catches(rightsAreNarrow, {
    'modules/blob-roles.bicep': ['    scope: functionScopes[i]', '    scope: account'],
  });
  await catches(rightsAreNarrow, {
    'modules/queue-roles.bicep': ['    scope: queues[right.queue]', '    scope: account'],
  });
  await catches(rightsAreNarrow, { 'modules/registry.bicep': ['  scope: registry\n', ''] });
});

test('whoever deploys may read, and nothing else', async () => {
  await holds(deployersOnlyRead);
  await catches(deployersOnlyRead, {
    'modules/queue-roles.bicep': [
      "'Microsoft.Authorization/roleDefinitions', roleIds.storageQueueDataReader",
      "'Microsoft.Authorization/roleDefinitions', roleIds.storageQueueDataContributor",
    ],
  });
});
