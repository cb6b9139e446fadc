// Who each part of the service is. One identity per app, and a third that only the platform uses, to look at the queue.
// They exist before anything that needs them, so that their roles have time to spread.

@description('Where the identities are kept.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param token string

resource functionIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-function-${token}'
  location: location
  tags: tags
}

resource workerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-worker-${token}'
  location: location
  tags: tags
}

resource scalerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-scaler-${token}'
  location: location
  tags: tags
}

output functionId string = functionIdentity.id
output functionPrincipalId string = functionIdentity.properties.principalId
output functionClientId string = functionIdentity.properties.clientId
output workerId string = workerIdentity.id
output workerPrincipalId string = workerIdentity.properties.principalId
output workerClientId string = workerIdentity.properties.clientId
output scalerId string = scalerIdentity.id
output scalerPrincipalId string = scalerIdentity.properties.principalId
