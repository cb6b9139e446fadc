// What is truly secret: the secrets that webhooks are signed with. Without any, the vault is there and empty.

@description('Where the vault is.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
@minLength(13)
@maxLength(13)
param token string

@description('Principal of the function\'s identity.')
param functionPrincipalId string

@description('1 to 3 secrets `whsec_...` with commas between, the newest first. Empty: none is written, and one that is there stays.')
@secure()
param webhookSecrets string

var roleIds = loadJsonContent('../role-ids.json')
var hasSecrets = !empty(webhookSecrets)

// No purge protection: it cannot be taken back, and the name of a deleted vault would be blocked. What is lost with this
// vault can be made anew. Whoever deletes it and deploys again within 7 days has to purge it first.
resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    // So that a later deployment can name the secret that is there instead of being told it.
    enabledForTemplateDeployment: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    publicNetworkAccess: 'Enabled'
  }
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (hasSecrets) {
  parent: vault
  name: 'webhook-secrets'
  properties: {
    contentType: 'comma-separated whsec_ secrets, the newest first'
    value: webhookSecrets
  }
}

resource functionReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, functionPrincipalId, roleIds.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: functionPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.keyVaultSecretsUser)
  }
}

output name string = vault.name
// With no version in it, so that a newer secret is found without a deployment (the platform looks once a day).
output webhookSecretUri string = hasSecrets ? '${vault.properties.vaultUri}secrets/webhook-secrets' : ''
