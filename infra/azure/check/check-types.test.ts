import { testPlants } from './planted.ts';

testPlants([
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
    mistake: 'an existing resource with a name that it cannot have',
    replace: "  name: 'vault'",
    by: "  name: 'my_vault'",
    message: "Expected a text like ^[a-zA-Z0-9-]{3,24}$, for vault.name, received 'my_vault'.",
  },
]);
