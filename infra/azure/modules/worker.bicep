// The worker: a Container App that the queue wakes. It is deployed in two phases, since its image can only be pushed
// once the registry is there. Without an image it is a placeholder on the cheap profile, with no rule that could wake
// it and no registry to log in to; with one it is the worker, and no GPU is paid for before that.

@description('Where the app runs.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param token string

@description('Id of the Container Apps environment.')
param environmentId string

@description('Ids of the identities: the worker\'s own with its client id, and the one that the scale rule uses.')
param identities { workerId: string, workerClientId: string, scalerId: string }

@description('Login server of the registry.')
param registryServer string

@description('The worker\'s image with its tag; empty in the first phase.')
param image string

@description('Profile of the worker, from worker-profiles.json.')
param profile object

@description('Storage account of jobs, pictures and queues, and the queue that wakes the worker.')
param storage { accountName: string, queueName: string }

@description('How it scales: see the parameters of main.bicep.')
param scale { maxReplicas: int, queueLength: int, pollingIntervalSeconds: int, cooldownSeconds: int }

@description('Connection string of Application Insights; it names an address and is no secret.')
param insightsConnectionString string

@description('Id of the Log Analytics workspace.')
param workspaceId string

var isReal = !empty(image)
var healthPort = 8080
// The platform was seen to kill 60 to 80 s after SIGTERM whatever longer time it was given. The running job has 40 s to
// end, the rest is for handing it back.
var graceSeconds = 60
var shutdownSeconds = 40

var ownSettings = [
  { name: 'AZURE_CLIENT_ID', value: identities.workerClientId }
  { name: 'STORAGE_ACCOUNT_NAME', value: storage.accountName }
  { name: 'EXECUTION_PROVIDERS', value: profile.executionProviders }
  { name: 'HEALTH_PORT', value: string(healthPort) }
  { name: 'MEMORY_LIMIT_MB', value: string(profile.memoryMiB) }
  { name: 'LEASE_SECONDS', value: '60' }
  { name: 'SHUTDOWN_SECONDS', value: string(shutdownSeconds) }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identities.workerClientId};Authorization=AAD' }
]
// The pixel budget follows from the memory of the machine. Where the GPU has less than the machine, it has to be said.
var pixelSettings = profile.maxPixels == 0 ? [] : [{ name: 'MAX_PIXELS', value: string(profile.maxPixels) }]

var probes = [
  {
    // Ready once the model is loaded and warm: a minute is common on a cold GPU, after five something hangs.
    type: 'Startup'
    httpGet: { path: '/health/ready', port: healthPort }
    initialDelaySeconds: 5
    periodSeconds: 30
    timeoutSeconds: 5
    failureThreshold: 10
  }
  {
    // Only a process whose event loop stands still for two minutes is restarted: its job would be lost to another.
    type: 'Liveness'
    httpGet: { path: '/health/live', port: healthPort }
    periodSeconds: 30
    timeoutSeconds: 10
    failureThreshold: 4
  }
  {
    type: 'Readiness'
    httpGet: { path: '/health/ready', port: healthPort }
    periodSeconds: 30
    timeoutSeconds: 5
    failureThreshold: 3
  }
]

var queueRule = {
  name: 'job-queue'
  custom: {
    type: 'azure-queue'
    identity: identities.scalerId
    metadata: {
      accountName: storage.accountName
      queueName: storage.queueName
      queueLength: string(scale.queueLength)
      activationQueueLength: '0'
      // Messages being worked on count as well. With `visibleonly` the count is 0 while the last job runs, and its
      // worker would be taken away under it.
      queueLengthStrategy: 'all'
    }
  }
}

resource worker 'Microsoft.App/containerApps@2025-07-01' = {
  name: 'worker-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'worker' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identities.workerId}': {}
      '${identities.scalerId}': {}
    }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: isReal ? profile.profileName : 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      // Old ones cost nothing and are what a roll-back goes to.
      maxInactiveRevisions: 10
      identitySettings: [
        { identity: identities.workerId, lifecycle: 'Main' }
        // For the platform alone: no process in the container can ask for its token.
        { identity: identities.scalerId, lifecycle: 'None' }
      ]
      registries: isReal ? [{ server: registryServer, identity: identities.workerId }] : []
    }
    template: {
      terminationGracePeriodSeconds: graceSeconds
      containers: [
        {
          name: 'worker'
          image: isReal ? image : 'mcr.microsoft.com/k8se/quickstart:latest'
          resources: {
            cpu: json(isReal ? profile.cpu : '0.25')
            memory: isReal ? profile.memory : '0.5Gi'
          }
          env: concat(ownSettings, pixelSettings)
          probes: isReal ? probes : []
        }
      ]
      scale: {
        minReplicas: 0
        maxReplicas: isReal ? scale.maxReplicas : 1
        pollingInterval: scale.pollingIntervalSeconds
        cooldownPeriod: scale.cooldownSeconds
        rules: isReal ? [queueRule] : []
      }
    }
  }
}

// The platform's own count of replicas: it also knows of those that never came so far as to report anything.
resource counts 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'metrics-to-workspace'
  scope: worker
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output name string = worker.name
