// The functions and decorators that a Bicep template can use, by the lists in the Bicep documentation.

const functions = new Set(
  `any array base64 base64ToJson base64ToString bool buildUri cidrHost cidrSubnet coalesce concat contains dataUri dataUriToString
  dateTimeAdd dateTimeFromEpoch dateTimeToEpoch deployer deployment empty endsWith environment extensionResourceId fail filter first
  flatten format getSecret groupBy guid indexOf int intersection items join json last lastIndexOf length loadDirectoryFileInfo
  loadFileAsBase64 loadJsonContent loadTextContent loadYamlContent managementGroup managementGroupResourceId map mapValues max min
  nameof newGuid objectKeys padLeft parseCidr parseUri pickZones providers range reduce reference replace resourceGroup resourceId
  shallowMerge skip sort split startsWith string subscription subscriptionResourceId substring take tenant tenantResourceId toLogicalZone
  toLogicalZones toLower toObject toPhysicalZone toPhysicalZones toUpper trim tryGet union uniqueString uri uriComponent
  uriComponentToString utcNow`.split(/\s+/),
);

const decorators = new Set(
  'allowed batchSize description discriminator export maxLength maxValue metadata minLength minValue sealed secure'.split(
    ' ',
  ),
);

export function isDecorator(name: string): boolean {
  return decorators.has(name);
}

/** `list*` are functions too: which ones there are is up to the resource. */
export function isFunction(name: string): boolean {
  return functions.has(name) || /^list[A-Z]/.test(name);
}

/** Functions whose answer differs with each deployment. */
export function onlyForDefaults(name: string): boolean {
  return name === 'utcNow' || name === 'newGuid';
}

/** Functions that read a file, beside the template, while it is compiled. */
export function readsFile(name: string): boolean {
  return name.startsWith('load') && name !== 'loadDirectoryFileInfo';
}
