// The storage account of the service: job records, pictures and queues. No key opens it, only identities with roles.

@description('Where the account is.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
@minLength(13)
@maxLength(13)
param token string

@description('Days for which a deleted or overwritten blob can be brought back. Records are written often and each write leaves the former one behind for so long, so keep it short.')
@minValue(1)
@maxValue(365)
param blobUndeleteDays int

@description('Days after which the backstop deletes what the sweeper should have deleted long before. Longer than every retention of the function.')
@minValue(3)
@maxValue(365)
param backstopDays int

var names = loadJsonContent('../storage-names.json')
var containerNames = map(items(names.containers), container => container.value)
// The Functions host would make the poison queue itself; made here, no identity needs a right to make queues.
var queueNames = [names.jobQueue, names.webhookQueue, names.webhookPoisonQueue]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    // The apps have no network of their own: the identity is the wall, not an address range.
    publicNetworkAccess: 'Enabled'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: blobUndeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for name in containerNames: {
    parent: blobs
    name: name
    properties: {
      publicAccess: 'None'
    }
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for name in queueNames: {
    parent: queueService
    name: name
  }
]

// The backstop: runs about once a day and knows days only. What a caller is told about an end comes from the apps.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: [
        {
          name: 'forgotten-keys'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['${names.containers.idempotencyKeys}/']
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: 2
                }
              }
            }
          }
        }
        {
          name: 'leftovers'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: [
                '${names.containers.results}/'
                '${names.containers.inputs}/'
                '${names.containers.deliveries}/'
                '${names.containers.reuse}/'
                '${names.containers.jobIndex}/'
              ]
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: backstopDays
                }
              }
            }
          }
        }
      ]
    }
  }
}

output name string = account.name
