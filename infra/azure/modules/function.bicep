// The door: the Function app on the Flex Consumption plan, which costs nothing while nobody knocks.

@description('Where the app runs.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param token string

@description('Id and client id of the function\'s identity.')
param identity { id: string, clientId: string }

@description('Storage account of jobs, pictures and queues.')
param storageAccountName string

@description('Storage account of the Functions host, and the address of the container with its package.')
param hostStorage { name: string, packageUrl: string }

@description('Version of Node.js.')
@allowed(['22', '24'])
param nodeVersion string

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param memoryMB int

@description('Most instances at once.')
@minValue(40)
@maxValue(1000)
param maxInstances int

@description('Requests that one instance takes at once before another is started.')
@minValue(1)
@maxValue(1000)
param requestsPerInstance int

@description('Connection string of Application Insights; it names an address and is no secret.')
param insightsConnectionString string

@description('Address of the secret in Key Vault; empty where webhooks are off.')
param webhookSecretUri string

@description('What the app itself is told, as a list of names and values.')
param settings array

// The storage account is named once for each who connects to it: the host, its queue trigger and our own code.
// What the plan forbids is left out: the runtime and its version are in functionAppConfig.
var platformSettings = [
  { name: 'AzureWebJobsStorage__accountName', value: hostStorage.name }
  { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
  { name: 'AzureWebJobsStorage__clientId', value: identity.clientId }
  { name: 'JOB_STORAGE__queueServiceUri', value: 'https://${storageAccountName}.queue.${environment().suffixes.storage}' }
  { name: 'JOB_STORAGE__credential', value: 'managedidentity' }
  { name: 'JOB_STORAGE__clientId', value: identity.clientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identity.clientId};Authorization=AAD' }
  { name: 'OTEL_SERVICE_NAME', value: 'impasto-function' }
  { name: 'AZURE_CLIENT_ID', value: identity.clientId }
  { name: 'STORAGE_ACCOUNT_NAME', value: storageAccountName }
]
var secretSettings = empty(webhookSecretUri)
  ? []
  : [{ name: 'WEBHOOK_SECRETS', value: '@Microsoft.KeyVault(SecretUri=${webhookSecretUri})' }]

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: hostStorage.packageUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: memoryMB
        maximumInstanceCount: maxInstances
        triggers: {
          http: {
            perInstanceConcurrency: requestsPerInstance
          }
        }
      }
    }
    // The plan has no FTP and refuses ftpsState; see noFtpPassword.
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      appSettings: concat(platformSettings, settings, secretSettings)
    }
  }
}

resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noPublishingPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
