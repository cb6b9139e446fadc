// The storage account of the Functions host: its locks, the function keys and the package of the app. The host needs
// the owner's rights on a whole account, so it has one of its own, where no picture and no job is.

@description('Where the account is.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
@minLength(13)
@maxLength(13)
param token string

@description('Principal of the function\'s identity.')
param functionPrincipalId string

var roleIds = loadJsonContent('../role-ids.json')

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'sthost${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Enabled'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'function-package'
  properties: {
    publicAccess: 'None'
  }
}

resource hostOwnsItsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, functionPrincipalId, roleIds.storageBlobDataOwner)
  scope: account
  properties: {
    principalId: functionPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataOwner)
  }
}

output name string = account.name
output packageUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'
