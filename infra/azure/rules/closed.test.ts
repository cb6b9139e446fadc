// Nothing is open that need not be. Each rule is tried on the templates as they are and on one that breaks it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedRules, forbiddenWords } from './closed.ts';
import { catches, holds, plant, readAzure, templateFiles } from './testing.ts';

const mistakes: Readonly<
  Record<keyof typeof closedRules, readonly [file: string, right: string, wrong: string]>
> = {
  'the storage opens to no key': ['storage', 'allowSharedKeyAccess: false', 'allowSharedKeyAccess: true'],
  'no blob is public': ['host-storage', '    allowBlobPublicAccess: false\n', ''],
  'no container is public': ['storage', "publicAccess: 'None'", "publicAccess: 'Blob'"],
  'the storage speaks TLS 1.2 at least': ['storage', "'TLS1_2'", "'TLS1_1'"],
  'the storage speaks https only': ['storage', 'HttpsTrafficOnly: true', 'HttpsTrafficOnly: false'],
  'the registry has no admin user': ['registry', 'adminUserEnabled: false', 'adminUserEnabled: true'],
  'the registry asks who pulls': ['registry', '    anonymousPullEnabled: false\n', ''],
  'the vault goes by roles': ['vault', 'RbacAuthorization: true', 'RbacAuthorization: false'],
  'nobody measures with a key': ['monitoring', 'DisableLocalAuth: true', 'DisableLocalAuth: false'],
  'nobody logs with a key': ['monitoring', 'disableLocalAuth: true', 'disableLocalAuth: false'],
  'logs of the apps need no key': ['environment', "'azure-monitor'", "'log-analytics'"],
  'the door speaks https only': ['function', 'httpsOnly: true', 'httpsOnly: false'],
  'the door speaks TLS 1.2 at least': ['function', "minTlsVersion: '1.2'", "minTlsVersion: '1.0'"],
  'so does its deployment site': ['function', "scmMinTlsVersion: '1.2'", "scmMinTlsVersion: '1.1'"],
  'nobody publishes with a password': [
    'function',
    "name: 'scm'\n  properties: {\n    allow: false",
    "name: 'scm'\n  properties: {\n    allow: true",
  ],
};

for (const [name, rule] of Object.entries(closedRules)) {
  test(name, async () => {
    await holds(rule);
    const [module, right, wrong] = mistakes[name] ?? assert.fail(`Expected a mistake, for "${name}"`);
    await catches(rule, { [`modules/${module}.bicep`]: [right, wrong] });
  });
}

test('no template has a key, an id without a name or a module from a registry', () => {
  for (const file of templateFiles()) assert.deepEqual(forbiddenWords(readAzure(file), file), []);
});

for (const line of [
  'value: account.listKeys().keys[0].value',
  "value: listKeys(account.id, '2025-06-01').keys[0].value",
  'sharedKey: workspace.properties.customerId',
  "value: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b'",
  'value: insights.properties.InstrumentationKey',
  "module storage 'br/public:avm/res/storage/storage-account:0.9.0' = {",
  "roleDefinitionId: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'",
]) {
  test(`refused in a template: ${line}`, () => {
    const text = plant(readAzure('modules/function.bicep'), '    httpsOnly: true', `    ${line}`);
    assert.equal(forbiddenWords(text, 'planted').length > 0, true);
  });
}
