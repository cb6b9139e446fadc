// Where the worker's image is kept. Nobody logs in with a password, and the worker's identity may only pull.

@description('Where the registry is: the region of the worker, since every cold start pulls from it.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
@minLength(13)
@maxLength(13)
param token string

@description('Principal of the worker\'s identity.')
param workerPrincipalId string

var roleIds = loadJsonContent('../role-ids.json')

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  // Basic holds 10 GiB. Premium is needed for artifact streaming only, which nothing here counts on.
  sku: {
    name: 'Basic'
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
  }
}

resource workerPulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, workerPrincipalId, roleIds.acrPull)
  scope: registry
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.acrPull)
  }
}

output name string = registry.name
output loginServer string = registry.properties.loginServer
