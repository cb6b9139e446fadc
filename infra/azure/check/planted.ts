// A template without a mistake, and mistakes to put into it, for the tests of the checks.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkTemplates } from './check-templates.ts';
import { formatFinding } from './finding.ts';
import { parseBicep } from './parse-bicep.ts';

/** A template without a mistake. The tests plant one at a time. */
export const clean = `
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
var project = loadJsonContent('../../../package.json')
var rules = [
  { title: 'a', limit: 1 }
  { title: 'b', limit: 2 }
]
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
  params: { size: 'small', count: replicas, more: [{ colour: 'green' }] }
}

output titles array = [for rule in rules: '\${rule.title} \${rule.limit} \${rule.?note}']
output version string = project.version
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
param more { colour: string, note: string? }[] = []
output id string = '\${size}\${count}'
output colours array = [for one in more: one.colour]
`;

/** Each finding as `main.bicep:line:column message`. */
export async function findingsIn(text: string): Promise<string[]> {
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const templates = [await parseBicep(text, file('main.bicep')), await parseBicep(part, file('part.bicep'))];
  return checkTemplates(templates).map((found) => formatFinding({ ...found, file: basename(found.file) }));
}

interface Plant {
  readonly mistake: string;
  readonly replace: string;
  readonly by: string;
  /** What the only finding says. Its line is the one of the text that was put in, or of `at`. */
  readonly message: string;
  readonly at?: string;
}

/** One test for each mistake: it is the only thing that is found. */
export function testPlants(plants: readonly Plant[]): void {
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
}
