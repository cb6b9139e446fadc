// Where logs and measurements go, with a lid on what they cost. Nobody sends anything with a key.

@description('Where the data is kept.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param token string

@description('Days for which logs and measurements are kept. 30 are in the price; more costs by the gigabyte.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Most gigabytes taken in within a day. Beyond it nothing is recorded until the next day, and alerts that look at logs see nothing.')
@minValue(1)
@maxValue(100)
param dailyCapGb int

@description('Principals that may send measurements: the identities of both apps.')
param senderPrincipalIds string[]

var roleIds = loadJsonContent('../role-ids.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
    features: {
      disableLocalAuth: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

resource sends 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in senderPrincipalIds: {
    name: guid(insights.id, principalId, roleIds.monitoringMetricsPublisher)
    scope: insights
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.monitoringMetricsPublisher)
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, 'operations')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Impasto: ten figures to look at first'
    category: 'workbook'
    sourceId: workspace.id
    serializedData: replace(loadTextContent('../workbook.json'), '__WORKSPACE_ID__', workspace.id)
  }
}

output workspaceId string = workspace.id
output insightsName string = insights.name
// Says where to send to. It opens nothing: local authentication is off.
output connectionString string = insights.properties.ConnectionString
output workbookId string = workbook.id
