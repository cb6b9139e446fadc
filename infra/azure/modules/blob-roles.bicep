// Who may do what with blobs, container by container. Only the right to sign addresses exists for a whole account alone.

@description('Name of the storage account.')
param accountName string

@description('Principal of the function\'s identity.')
param functionPrincipalId string

@description('Principal of the worker\'s identity.')
param workerPrincipalId string

@description('Principal of whoever deploys, to read everything with `impasto check`; nobody where empty.')
param deployerPrincipalId string

@description('What kind of principal that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param deployerPrincipalType string

var roleIds = loadJsonContent('../role-ids.json')
var names = loadJsonContent('../storage-names.json')
// The reports of workers the function only reads.
var functionContainers = filter(map(items(names.containers), container => container.value), name => name != names.containers.workers)
// What the worker writes; the inputs it only reads, and of the rest it knows nothing.
var workerContainers = [
  names.containers.jobs
  names.containers.results
  names.containers.deadLetters
  names.containers.workers
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' existing = {
  parent: account
  name: 'default'
}

resource functionScopes 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = [
  for name in functionContainers: {
    parent: blobs
    name: name
  }
]

resource workerScopes 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = [
  for name in workerContainers: {
    parent: blobs
    name: name
  }
]

resource inputs 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = {
  parent: blobs
  name: names.containers.inputs
}

resource reports 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = {
  parent: blobs
  name: names.containers.workers
}

resource functionWrites 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, i) in functionContainers: {
    name: guid(functionScopes[i].id, functionPrincipalId, roleIds.storageBlobDataContributor)
    scope: functionScopes[i]
    properties: {
      principalId: functionPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataContributor)
    }
  }
]

resource functionReadsReports 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(reports.id, functionPrincipalId, roleIds.storageBlobDataReader)
  scope: reports
  properties: {
    principalId: functionPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataReader)
  }
}

resource functionSigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, functionPrincipalId, roleIds.storageBlobDelegator)
  scope: account
  properties: {
    principalId: functionPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDelegator)
  }
}

resource workerWrites 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, i) in workerContainers: {
    name: guid(workerScopes[i].id, workerPrincipalId, roleIds.storageBlobDataContributor)
    scope: workerScopes[i]
    properties: {
      principalId: workerPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataContributor)
    }
  }
]

resource workerReadsInputs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(inputs.id, workerPrincipalId, roleIds.storageBlobDataReader)
  scope: inputs
  properties: {
    principalId: workerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataReader)
  }
}

resource deployerReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(account.id, deployerPrincipalId, roleIds.storageBlobDataReader)
  scope: account
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataReader)
  }
}
