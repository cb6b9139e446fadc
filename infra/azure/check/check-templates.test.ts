import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkTemplates } from './check-templates.ts';
import { formatFinding } from './finding.ts';
import { parseBicep, readTemplates } from './parse-bicep.ts';

/** A template without a mistake. The tests below plant one at a time. */
const clean = `
@allowed(['dev', 'prod'])
param stage string = 'dev'
param gpu bool = true
param names string[]
param replicas int = 3
param note string?
@secure()
param secret string

var tags = { stage: stage }
var settings = [
  { name: 'STAGE', value: stage }
  { name: 'NOTE', value: note ?? 'none' }
]
var roles = toObject(names, name => name, name => { id: guid(resourceGroup().id, name) })
var other = filter(items(roles), role => role.key == stage || role.value.id == note)

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'st\${uniqueString(resourceGroup().id)}'
  location: resourceGroup().location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: { minimumTlsVersion: 'TLS1_2', networkAcls: { defaultAction: 'Deny' } }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: { deleteRetentionPolicy: { enabled: true, days: 7 } }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [for (name, index) in names: {
  parent: account::blobs
  name: name
  properties: { metadata: { index: string(index) } }
}]

resource environment_ 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: 'environment'
  location: resourceGroup().location
  properties: {
    workloadProfiles: concat([
      { name: 'Consumption', workloadProfileType: 'Consumption' }
    ], gpu ? [
      { name: 'gpu', workloadProfileType: 'Consumption-GPU-NC8as-T4' }
    ] : [])
  }
}

resource app 'Microsoft.App/containerApps@2025-07-01' = if (stage == 'dev') {
  name: 'app'
  location: resourceGroup().location
  identity: { type: 'SystemAssigned' }
  properties: {
    environmentId: environment_.id
    configuration: { activeRevisionsMode: 'Single', secrets: [{ name: 's', value: secret }] }
    template: {
      containers: [
        {
          name: 'worker'
          image: 'image:\${stage}'
          env: concat(settings, [
            { name: 'BLOBS', value: account.properties.primaryEndpoints.blob }
          ])
          resources: gpu ? { cpu: 8, memory: '56Gi' } : { cpu: json('0.5'), memory: '1Gi' }
          probes: [
            { type: 'Liveness', httpGet: { path: '/', port: 8080 } }
          ]
        }
      ]
      scale: { minReplicas: 0, maxReplicas: replicas }
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: 'vault'
}

resource ftp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  name: 'site/ftp'
  properties: { allow: false }
}

module part 'part.bicep' = {
  name: 'part'
  params: { size: 'small', count: replicas }
}

output id string = app.?id ?? ''
output partId string = part.outputs.id
output vaultUri string = vault.properties.vaultUri
output names array = [for (name, index) in names: containers[index].id]
output keys int = length(other)
`;

const part = `
@allowed(['small', 'large'])
param size string
param count int
param more object = {}
output id string = '\${size}\${count}\${string(more)}'
`;

async function findingsIn(text: string): Promise<string[]> {
  const templates = [await parseBicep(text, 'main.bicep'), await parseBicep(part, 'part.bicep')];
  return checkTemplates(templates).map(formatFinding);
}

test('the templates of the project hold no mistake', async (context) => {
  const templates = await readTemplates(fileURLToPath(new URL('..', import.meta.url)));
  if (templates.length === 0) return context.skip('no templates yet');
  assert.deepEqual(checkTemplates(templates).map(formatFinding), []);
});

test('a template without a mistake is clean', async () => {
  assert.deepEqual(await findingsIn(clean), []);
});

interface Plant {
  readonly mistake: string;
  readonly replace: string;
  readonly by: string;
  /** What the only finding says. Its line is the one of the text that was put in, or of `at`. */
  readonly message: string;
  readonly at?: string;
}

const plants: readonly Plant[] = [
  {
    mistake: 'a misspelt property',
    replace: "activeRevisionsMode: 'Single'",
    by: "activeRevisionMode: 'Single'",
    message:
      'Expected a property of Configuration (activeRevisionsMode), for app.properties.configuration, received activeRevisionMode.',
  },
  {
    mistake: 'a misspelt minimumCount, in a branch of a ternary inside of concat',
    replace: "{ name: 'gpu', ",
    by: "{ name: 'gpu', minimunCount: 0, ",
    message:
      'Expected a property of WorkloadProfile (maximumCount, minimumCount), for environment_.properties.workloadProfiles[0], received minimunCount.',
  },
  {
    mistake: 'a property that only preview versions have',
    replace: '{ cpu: 8, ',
    by: '{ gpu: 1, cpu: 8, ',
    message:
      'Expected a property of ContainerResources (cpu, ephemeralStorage, memory), for app.properties.template.containers[0].resources, received gpu.',
  },
  {
    mistake: 'a property that is missing',
    replace: ', port: 8080',
    by: '',
    at: 'httpGet',
    message:
      'Expected a value, for app.properties.template.containers[0].probes[0].httpGet.port, received nothing.',
  },
  {
    mistake: 'a property that only the service sets',
    replace: 'environmentId: environment_.id',
    by: "environmentId: environment_.id, latestRevisionName: 'a'",
    message: "Expected nothing, for app.properties.latestRevisionName, which is read-only, received 'a'.",
  },
  {
    mistake: 'a value outside of a closed union',
    replace: "defaultAction: 'Deny'",
    by: "defaultAction: 'Refuse'",
    message:
      "Expected 'Allow' | 'Deny', for account.properties.networkAcls.defaultAction, received 'Refuse'.",
  },
  {
    mistake: 'a value of an open union in another case',
    replace: "type: 'Liveness'",
    by: "type: 'liveness'",
    message:
      "Expected 'Liveness', for app.properties.template.containers[0].probes[0].type, received 'liveness'.",
  },
  {
    mistake: 'a number where a string is due',
    replace: "memory: '1Gi'",
    by: 'memory: 1',
    message: 'Expected string, for app.properties.template.containers[0].resources.memory, received int.',
  },
  {
    mistake: 'a parameter of another type',
    replace: 'maxReplicas: replicas',
    by: 'maxReplicas: stage, cooldownPeriod: replicas',
    message: 'Expected int, for app.properties.template.scale.maxReplicas, received string.',
  },
  {
    mistake: 'a wrong name in a variable that a resource uses',
    replace: "{ name: 'STAGE', value: stage }",
    by: "{ name: 'STAGE', valeu: stage }",
    message:
      'Expected a property of EnvironmentVar (value), for app.properties.template.containers[0].env[0], received valeu.',
  },
  {
    mistake: 'a number out of its range',
    replace: 'days: 7',
    by: 'days: 400',
    message:
      'Expected a number from 1 to 365, for blobs.properties.deleteRetentionPolicy.days, received 400.',
  },
  {
    mistake: 'an object in place of a list',
    replace: "secrets: [{ name: 's', value: secret }]",
    by: "secrets: { name: 's', value: secret }",
    message: 'Expected array, for app.properties.configuration.secrets, received object.',
  },
  {
    mistake: 'the body of a loop',
    replace: 'metadata: { index: string(index) }',
    by: 'metdata: { index: string(index) }',
    message:
      'Expected a property of ContainerProperties (metadata), for containers.properties, received metdata.',
  },
  {
    mistake: 'a name twice',
    replace: "kind: 'StorageV2'",
    by: "kind: 'StorageV2', kind: 'StorageV2'",
    message: 'Expected kind once, for account, received it again.',
  },
  {
    mistake: 'a version that is not at hand',
    replace: 'Microsoft.App/containerApps@2025-07-01',
    by: 'Microsoft.App/containerApps@2019-01-01',
    message:
      'Expected Microsoft.App/containerApps@2019-01-01 in types/microsoft.app.2019-01-01.json, for app, received nothing.',
  },
  {
    mistake: 'a discriminator that does not exist',
    replace: "name: 'site/ftp'",
    by: "name: 'site/ssh'",
    message: "Expected 'ftp' | 'scm', for ftp.name, received 'site/ssh'.",
  },
  {
    mistake: 'a child without its parent in the name',
    replace: "name: 'site/ftp'",
    by: "name: 'ftp'",
    message: "Expected a name of 2 part(s), for ftp, received 'ftp'.",
  },
  {
    mistake: 'an existing resource with more than a name',
    replace: "  name: 'vault'",
    by: "  name: 'vault', location: 'x'",
    message: 'Expected name, parent, scope, for the existing vault, received location.',
  },
  {
    mistake: 'a resource at the wrong scope',
    replace: "\n@allowed(['dev', 'prod'])",
    by: "\nresource rg 'Microsoft.Resources/resourceGroups@2024-11-01' = { name: 'rg', location: 'x' }\n@allowed(['dev', 'prod'])",
    at: 'resource rg',
    message: 'Expected another targetScope or a scope, for rg, received resourceGroup.',
  },
  {
    mistake: 'a name that is not declared',
    replace: 'environmentId: environment_.id',
    by: 'environmentId: enviroment.id',
    message: 'Expected a declaration, for enviroment, received nothing.',
  },
  {
    mistake: 'a loop variable outside of its loop',
    replace: "name: 'environment'",
    by: 'name: index',
    message: 'Expected a declaration, for index, received nothing.',
  },
  {
    mistake: 'a function that does not exist',
    replace: 'length(other)',
    by: 'len(other)',
    message: 'Expected a function of Bicep, for a call, received len.',
  },
  {
    mistake: 'a file that does not exist',
    replace: 'tags: tags',
    by: "tags: union(tags, loadJsonContent('nowhere.json'))",
    message: 'Expected a file, for loadJsonContent, received nowhere.json.',
  },
  {
    mistake: 'a property that a resource does not have',
    replace: 'primaryEndpoints.blob }',
    by: 'primaryEndpoints.blobs }',
    message: 'Expected a property, for account.properties.primaryEndpoints.blobs, received blobs.',
  },
  {
    mistake: 'a call that each deployment answers anew',
    replace: "name: 'environment'",
    by: 'name: utcNow()',
    message: 'Expected the default of a parameter, for a call of utcNow, received another place.',
  },
  {
    mistake: 'a parameter that nothing uses',
    replace: '\nparam gpu bool',
    by: "\nparam unused string = ''\nparam gpu bool",
    at: 'param unused',
    message: 'Expected a use, for unused, received none.',
  },
  {
    mistake: 'a name that is declared twice',
    replace: '\nvar tags = ',
    by: "\nvar stage = 'x'\nvar tags = ",
    at: 'var stage',
    message: 'Expected one declaration, for stage, received another one.',
  },
  {
    mistake: 'a default that is not allowed',
    replace: "param stage string = 'dev'",
    by: "param stage string = 'test'",
    message: "Expected 'dev' | 'prod', for stage, received 'test'.",
  },
  {
    mistake: 'an output of another type',
    replace: 'output keys int = length(other)',
    by: 'output keys bool = length(other)',
    message: 'Expected bool, for keys, received int.',
  },
  {
    mistake: 'a parameter that the module needs',
    replace: ', count: replicas }',
    by: ' }',
    at: 'module part',
    message: 'Expected a value, for part.params.count, received nothing.',
  },
  {
    mistake: 'a parameter that the module does not have',
    replace: 'count: replicas }',
    by: "count: replicas, colour: 'red' }",
    message: 'Expected a parameter (size, count, more), for the module part, received colour.',
  },
  {
    mistake: 'a value that the module does not allow',
    replace: "size: 'small'",
    by: "size: 'tiny'",
    message: "Expected 'small' | 'large', for part.params.size, received 'tiny'.",
  },
  {
    mistake: 'a value of a type that the module does not take',
    replace: 'count: replicas',
    by: 'count: stage',
    message: 'Expected int, for part.params.count, received string.',
  },
  {
    mistake: 'an output that the module does not have',
    replace: 'part.outputs.id',
    by: 'part.outputs.ids',
    message: 'Expected an output (id), for part, received ids.',
  },
  {
    mistake: 'a module that does not exist',
    replace: "'part.bicep'",
    by: "'parts.bicep'",
    message: 'Expected a template, for the module part, received parts.bicep.',
  },
  {
    mistake: 'two commas',
    replace: "{ name: 'Consumption', ",
    by: "{ name: 'Consumption',, ",
    message: 'Expected Bicep, for the syntax, received ,',
  },
  {
    mistake: 'a string that does not end',
    replace: "kind: 'StorageV2'\n  sku: { name: 'Standard_LRS' }",
    by: "kind: 'StorageV2\n  sku: { name: Standard_LRS' }",
    at: "kind: 'StorageV2",
    message: "Expected ', for the end of a string, received the end of the line.",
  },
];

for (const { mistake, replace, by, message, at } of plants) {
  test(`${mistake} is found, with its line`, async () => {
    assert.equal(clean.split(replace).length, 2, `Expected one place, for ${replace}`);
    const planted = clean.replace(replace, () => by);
    const line =
      planted.slice(0, planted.indexOf(at ?? by)).split('\n').length + (by.startsWith('\n') && !at ? 1 : 0);
    const found = await findingsIn(planted);
    assert.deepEqual(
      found.map((text) => text.replace(/^(\S+:\d+):\d+/, '$1')),
      [`main.bicep:${line} ${message}`],
    );
  });
}
