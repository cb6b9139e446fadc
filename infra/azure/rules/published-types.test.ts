// Mistakes in our own templates that only Azure's published types tell of.
import { test } from 'node:test';
import { checkTemplates } from '../check/check-templates.ts';
import { catches } from './testing.ts';

test('a property that the version does not have is found', async () => {
  const memory = "memory: isReal ? profile.memory : '0.5Gi'";
  await catches(checkTemplates, { 'modules/worker.bicep': [memory, `${memory}\n            gpu: 1`] });
});

test('a value of another kind is found', async () => {
  await catches(checkTemplates, {
    'modules/worker.bicep': ['PeriodSeconds: graceSeconds', "PeriodSeconds: 'a minute'"],
  });
});

test('a required property that is missing is found', async () => {
  await catches(checkTemplates, { 'modules/budget.bicep': ["    timeGrain: 'Monthly'\n", ''] });
});

test('a module that is not given what it needs is found', async () => {
  await catches(checkTemplates, {
    'main.bicep': [
      '    workerPrincipalId: identities.outputs.workerPrincipalId\n    scalerPrincipalId: identities.outputs.scalerPrincipalId\n',
      '',
    ],
  });
});

test('an output that a module does not have is found', async () => {
  await catches(checkTemplates, { 'main.bicep': ['= vault.outputs.name', '= vault.outputs.vaultName'] });
});
