// Who may do what with messages, queue by queue.

@description('Name of the storage account.')
param accountName string

@description('Principal of the function\'s identity.')
param functionPrincipalId string

@description('Principal of the worker\'s identity.')
param workerPrincipalId string

@description('Principal of the identity that the scale rule looks at the queue with.')
param scalerPrincipalId string

@description('Principal of whoever deploys, to read everything with `impasto check`; nobody where empty.')
param deployerPrincipalId string

@description('What kind of principal that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param deployerPrincipalType string

var roleIds = loadJsonContent('../role-ids.json')
var names = loadJsonContent('../storage-names.json')
// One line per right. A worker renews its messages, which is a write: the role that only processes is not enough.
var rights = [
  { queue: 0, principalId: functionPrincipalId, roleId: roleIds.storageQueueDataMessageSender }
  { queue: 0, principalId: functionPrincipalId, roleId: roleIds.storageQueueDataReader }
  { queue: 0, principalId: workerPrincipalId, roleId: roleIds.storageQueueDataContributor }
  { queue: 0, principalId: scalerPrincipalId, roleId: roleIds.storageQueueDataReader }
  { queue: 1, principalId: functionPrincipalId, roleId: roleIds.storageQueueDataContributor }
  { queue: 1, principalId: workerPrincipalId, roleId: roleIds.storageQueueDataMessageSender }
  { queue: 2, principalId: functionPrincipalId, roleId: roleIds.storageQueueDataContributor }
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' existing = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' existing = [
  for name in [names.jobQueue, names.webhookQueue, names.webhookPoisonQueue]: {
    parent: queueService
    name: name
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for right in rights: {
    name: guid(queues[right.queue].id, right.principalId, right.roleId)
    scope: queues[right.queue]
    properties: {
      principalId: right.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', right.roleId)
    }
  }
]

resource deployerReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(account.id, deployerPrincipalId, roleIds.storageQueueDataReader)
  scope: account
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageQueueDataReader)
  }
}
