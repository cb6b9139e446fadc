// What wakes a person. Every rule is a query over the workspace; docs/operations.md says what each means and what to do.

@description('Where the rules are kept.')
param location string

@description('Tags of every resource.')
param tags object

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Whether the rules are evaluated. Before the worker is there, there is nothing to watch.')
param enabled bool

@description('Who is written to; empty: alerts are only seen in the portal.')
param email string

@description('A job that waited for longer raises an alert.')
@minValue(60)
param oldestSeconds int

@description('Share of failed jobs within an hour, in per cent, above which there is an alert.')
@minValue(1)
@maxValue(100)
param failedPercent int

@description('How long the last worker stays when there is nothing to do; only longer than that is worth an alert.')
param cooldownSeconds int

// Windows and periods are from the list that the service allows.
var rules = [
  {
    name: 'oldest-message'
    title: 'A job has waited for too long'
    query: loadTextContent('../queries/oldest-message.kql')
    column: 'OldestSeconds'
    threshold: oldestSeconds
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'poison-messages'
    title: 'Messages about webhooks were given up'
    query: loadTextContent('../queries/poison-messages.kql')
    column: 'Messages'
    threshold: 0
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'failed-share'
    title: 'Too many jobs fail'
    query: loadTextContent('../queries/failed-share.kql')
    column: 'FailedPercent'
    threshold: failedPercent
    severity: 1
    every: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'idle-replica'
    title: 'A worker is paid for although nothing is to be done'
    query: loadTextContent('../queries/idle-replica.kql')
    column: 'IdleMinutes'
    threshold: cooldownSeconds / 60 + 20
    severity: 2
    every: 'PT15M'
    window: cooldownSeconds > 1200 ? 'PT2H' : 'PT45M'
  }
  {
    name: 'worker-troubles'
    title: 'The platform cannot start, scale or keep the worker'
    query: loadTextContent('../queries/worker-troubles.kql')
    column: 'Events'
    threshold: 5
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'no-measurements'
    title: 'Nobody has looked at the queue for half an hour'
    query: loadTextContent('../queries/no-measurements.kql')
    column: 'SilentWindows'
    threshold: 0
    severity: 1
    every: 'PT15M'
    window: 'PT30M'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'impasto-operators'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'impasto'
    enabled: true
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'impasto-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Impasto: ${rule.title}'
      enabled: enabled
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: rule.every
      windowSize: rule.window
      // One e-mail when it begins and one when it is over, none in between. It excludes a pause between e-mails.
      autoMitigate: true
      // Tables of measurements that have never come in yet are no mistake.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: rule.column
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(email) ? [] : [people.id]
      }
    }
  }
]
