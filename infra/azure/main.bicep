// Everything that Impasto needs on Azure, in one resource group. Deployed twice at first: without an image of the worker
// (`workerImage` empty), then with the one that was pushed to the registry made by the first.
targetScope = 'subscription'

@description('Name of this installation; part of the name of the resource group and the seed of all other names.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Region of everything. These have serverless GPUs of type T4; an A100 is to be had in fewer of them.')
@allowed([
  'australiaeast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'eastus'
  'francecentral'
  'italynorth'
  'japaneast'
  'northcentralus'
  'southcentralus'
  'southeastasia'
  'southindia'
  'swedencentral'
  'uksouth'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
@metadata({ azd: { type: 'location' } })
param location string

@description('What the worker runs on: a T4 (16 GB), an A100 (80 GB), or 4 processor cores where the subscription has no quota for GPUs.')
@allowed(['t4', 'a100', 'cpu'])
param gpuProfile string = 't4'

@description('The worker\'s image, with registry and tag. Empty in the first phase: then a placeholder is deployed that nothing wakes and no GPU is used.')
param workerImage string = ''

@description('Most workers at once, and so the most GPUs that are paid for at once.')
@minValue(1)
@maxValue(100)
param maxReplicas int = 3

@description('Messages for each worker: 1 means a worker for every job, up to the most.')
@minValue(1)
@maxValue(100)
param queueLength int = 1

@description('Seconds between two looks of the scale rule into the queue; half of it is added to a cold start on average.')
@minValue(5)
@maxValue(300)
param pollingIntervalSeconds int = 15

@description('Seconds that the queue has to be empty, nothing being worked on, before the last workers are taken away. All of them are paid for until then, at the full rate: there is no idle rate for a GPU. Shorter saves that much after each burst; longer spares the next caller a cold start of one to three minutes. It governs the way to zero only: from 3 workers to 2 or 1 the platform waits for 300 seconds in any case.')
@minValue(30)
@maxValue(3600)
param cooldownSeconds int = 60

@description('Messages in the queue at which submissions are turned away with 429.')
@minValue(1)
param maxQueued int = 1000

@description('Models on offer, the default first, each as `name@version`; the version is what results are reused by.')
param models string = 'impasto-v1@1.0.0'

@description('When the sweeper runs and measures the queue: six cron fields, seconds first. Alerts are no fresher than this.')
param sweepSchedule string = '0 */5 * * * *'

@description('Hours for which a job that has ended is kept, with its images.')
@minValue(1)
@maxValue(720)
param retentionHours int = 24

@description('Hours for which a failed job is kept, so that it can be replayed.')
@minValue(1)
@maxValue(720)
param deadLetterHours int = 168

@description('Days for which a deleted or overwritten blob can be brought back by hand.')
@minValue(1)
@maxValue(30)
param blobUndeleteDays int = 1

@description('Memory of a function instance in MB. Two of the largest bodies at once need some 750; 512 is for small pictures only.')
@allowed([512, 2048, 4096])
param functionMemoryMB int = 2048

@description('Most function instances at once; 40 is the least that the plan takes.')
@minValue(40)
@maxValue(1000)
param functionMaxInstances int = 40

@description('Requests that one function instance takes before another is started. Most of them only wait for a job, so it may be many.')
@minValue(1)
@maxValue(1000)
param functionRequestsPerInstance int = 100

@description('Version of Node.js that the function runs on.')
@allowed(['22', '24'])
param nodeVersion string = '22'

@description('1 to 3 secrets `whsec_...` with commas between, the newest first. Empty: webhooks are off. They go into Key Vault.')
@secure()
param webhookSecrets string = ''

@description('Who alerts and the budget write to. Empty: alerts are seen in the portal only, the budget writes to the owners of the subscription.')
param alertEmail string = ''

@description('An alert is raised when a job has waited for so many seconds. More than a cold start, and than callers are told.')
@minValue(60)
param alertOldestSeconds int = 900

@description('An alert is raised when more than this share of the jobs of an hour failed, in per cent.')
@minValue(1)
@maxValue(100)
param alertFailedPercent int = 20

@description('Monthly budget in the currency of the subscription. It writes e-mails at half of it, at all of it and when it will be passed; it stops nothing. 0: none, for subscriptions without cost management.')
@minValue(0)
param monthlyBudget int = 50

@description('First month of the budget, yyyy-mm-01. Empty: this month. It cannot be changed later, so give what AZURE_BUDGET_START_DATE said.')
param budgetStartDate string = ''

@description('This month; not to be given.')
param thisMonth string = utcNow('yyyy-MM-01')

@description('Days for which logs and measurements are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Most gigabytes of logs and measurements within a day; beyond it nothing is recorded until the next day.')
@minValue(1)
@maxValue(100)
param logDailyCapGb int = 1

@description('Object id of whoever deploys, who may then read jobs, pictures and queues with `impasto check`. Empty: nobody.')
param principalId string = ''

@description('What kind of principal that is; a pipeline is a ServicePrincipal.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'User'

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var profile = loadJsonContent('worker-profiles.json')[gpuProfile]
var names = loadJsonContent('storage-names.json')
var budgetStart = empty(budgetStartDate) ? thisMonth : budgetStartDate

// What the function is told about the service. The identities, the storage and Application Insights are added to it.
var functionSettings = [
  { name: 'MODELS', value: models }
  { name: 'MAX_REPLICAS', value: string(maxReplicas) }
  { name: 'MAX_QUEUED', value: string(maxQueued) }
  { name: 'COLD_START_SECONDS', value: profile.coldStartSeconds }
  { name: 'SWEEP_SCHEDULE', value: sweepSchedule }
  // At least three times the lease of the workers.
  { name: 'SWEEP_AFTER_SECONDS', value: '180' }
  { name: 'RETENTION_HOURS', value: string(retentionHours) }
  { name: 'DEAD_LETTER_HOURS', value: string(deadLetterHours) }
]

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-impasto-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    blobUndeleteDays: blobUndeleteDays
    // The longest that a caller may ask for is 30 days (see retention_hours); the sweeper needs some days more.
    backstopDays: 40
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  name: 'host-storage'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    functionPrincipalId: identities.outputs.functionPrincipalId
  }
}

module blobRoles 'modules/blob-roles.bicep' = {
  name: 'blob-roles'
  scope: group
  params: {
    accountName: storage.outputs.name
    functionPrincipalId: identities.outputs.functionPrincipalId
    workerPrincipalId: identities.outputs.workerPrincipalId
    deployerPrincipalId: principalId
    deployerPrincipalType: principalType
  }
}

module queueRoles 'modules/queue-roles.bicep' = {
  name: 'queue-roles'
  scope: group
  params: {
    accountName: storage.outputs.name
    functionPrincipalId: identities.outputs.functionPrincipalId
    workerPrincipalId: identities.outputs.workerPrincipalId
    scalerPrincipalId: identities.outputs.scalerPrincipalId
    deployerPrincipalId: principalId
    deployerPrincipalType: principalType
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    workerPrincipalId: identities.outputs.workerPrincipalId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    functionPrincipalId: identities.outputs.functionPrincipalId
    webhookSecrets: webhookSecrets
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    senderPrincipalIds: [identities.outputs.functionPrincipalId, identities.outputs.workerPrincipalId]
  }
}

module function 'modules/function.bicep' = {
  name: 'function'
  scope: group
  // Its queue trigger looks for its rights as soon as it runs.
  dependsOn: [blobRoles, queueRoles]
  params: {
    location: location
    tags: tags
    token: token
    identity: { id: identities.outputs.functionId, clientId: identities.outputs.functionClientId }
    storageAccountName: storage.outputs.name
    hostStorage: { name: hostStorage.outputs.name, packageUrl: hostStorage.outputs.packageUrl }
    nodeVersion: nodeVersion
    memoryMB: functionMemoryMB
    maxInstances: functionMaxInstances
    requestsPerInstance: functionRequestsPerInstance
    insightsConnectionString: monitoring.outputs.connectionString
    webhookSecretUri: vault.outputs.webhookSecretUri
    settings: functionSettings
  }
}

module appsEnvironment 'modules/environment.bicep' = {
  name: 'apps-environment'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    profile: profile
    workspaceId: monitoring.outputs.workspaceId
  }
}

module worker 'modules/worker.bicep' = {
  name: 'worker'
  scope: group
  dependsOn: [blobRoles, queueRoles]
  params: {
    location: location
    tags: tags
    token: token
    environmentId: appsEnvironment.outputs.id
    identities: {
      workerId: identities.outputs.workerId
      workerClientId: identities.outputs.workerClientId
      scalerId: identities.outputs.scalerId
    }
    registryServer: registry.outputs.loginServer
    image: workerImage
    profile: profile
    storage: { accountName: storage.outputs.name, queueName: names.jobQueue }
    scale: {
      maxReplicas: maxReplicas
      queueLength: queueLength
      pollingIntervalSeconds: pollingIntervalSeconds
      cooldownSeconds: cooldownSeconds
    }
    insightsConnectionString: monitoring.outputs.connectionString
    workspaceId: monitoring.outputs.workspaceId
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    enabled: !empty(workerImage)
    email: alertEmail
    oldestSeconds: alertOldestSeconds
    failedPercent: alertFailedPercent
    cooldownSeconds: cooldownSeconds
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  name: 'budget'
  scope: group
  params: {
    amount: monthlyBudget
    startDate: budgetStart
    email: alertEmail
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer
output AZURE_CONTAINER_REGISTRY_NAME string = registry.outputs.name
output AZURE_FUNCTION_APP_NAME string = function.outputs.name
output AZURE_FUNCTION_APP_URL string = function.outputs.url
output AZURE_WORKER_APP_NAME string = worker.outputs.name
output AZURE_CONTAINER_APPS_ENVIRONMENT_NAME string = appsEnvironment.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output AZURE_WORKER_PROFILE string = gpuProfile
output APPLICATIONINSIGHTS_NAME string = monitoring.outputs.insightsName
output AZURE_WORKBOOK_ID string = monitoring.outputs.workbookId
output AZURE_BUDGET_START_DATE string = budgetStart
