// The Container Apps environment: the profiles that its apps may run on, and where their logs go.

@description('Where the environment is; the profile must be on offer there.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param token string

@description('Profile of the worker, from worker-profiles.json.')
param profile object

@description('Id of the Log Analytics workspace.')
param workspaceId string

var consumption = { name: 'Consumption', workloadProfileType: 'Consumption' }
// A profile with a GPU takes no least or most count: the service refuses both. How many there are is the scale rule's.
var workerProfile = { name: profile.profileName, workloadProfileType: profile.profileType }

resource apps 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: 'cae-${token}'
  location: location
  tags: tags
  properties: {
    workloadProfiles: profile.profileName == 'Consumption' ? [consumption] : [consumption, workerProfile]
    // By way of diagnostic settings, which need no key; the direct way to a workspace would.
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    zoneRedundant: false
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs-to-workspace'
  scope: apps
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'ContainerAppConsoleLogs'
        enabled: true
      }
      {
        category: 'ContainerAppSystemLogs'
        enabled: true
      }
    ]
  }
}

output id string = apps.id
output name string = apps.name
