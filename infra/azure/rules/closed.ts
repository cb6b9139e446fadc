// What must be closed: keys, passwords, public access, old encryption.
import { type Finding, finding } from '../check/finding.ts';
import { type Rule, requireValue } from './rule.ts';

const tls = ['1.2', '1.3'];

export const closedRules: Readonly<Record<string, Rule>> = {
  'the storage opens to no key': requireValue(
    'Microsoft.Storage/storageAccounts',
    'properties.allowSharedKeyAccess',
    ['false'],
  ),
  'no blob is public': requireValue('Microsoft.Storage/storageAccounts', 'properties.allowBlobPublicAccess', [
    'false',
  ]),
  'no container is public': requireValue(
    'Microsoft.Storage/storageAccounts/blobServices/containers',
    'properties.publicAccess',
    ['None'],
  ),
  'the storage speaks TLS 1.2 at least': requireValue(
    'Microsoft.Storage/storageAccounts',
    'properties.minimumTlsVersion',
    ['TLS1_2', 'TLS1_3'],
  ),
  'the storage speaks https only': requireValue(
    'Microsoft.Storage/storageAccounts',
    'properties.supportsHttpsTrafficOnly',
    ['true'],
  ),
  'the registry has no admin user': requireValue(
    'Microsoft.ContainerRegistry/registries',
    'properties.adminUserEnabled',
    ['false'],
  ),
  'the registry asks who pulls': requireValue(
    'Microsoft.ContainerRegistry/registries',
    'properties.anonymousPullEnabled',
    ['false'],
  ),
  'the vault goes by roles': requireValue('Microsoft.KeyVault/vaults', 'properties.enableRbacAuthorization', [
    'true',
  ]),
  'nobody measures with a key': requireValue('Microsoft.Insights/components', 'properties.DisableLocalAuth', [
    'true',
  ]),
  'nobody logs with a key': requireValue(
    'Microsoft.OperationalInsights/workspaces',
    'properties.features.disableLocalAuth',
    ['true'],
  ),
  'logs of the apps need no key': requireValue(
    'Microsoft.App/managedEnvironments',
    'properties.appLogsConfiguration.destination',
    ['azure-monitor'],
  ),
  'the door speaks https only': requireValue('Microsoft.Web/sites', 'properties.httpsOnly', ['true']),
  'the door speaks TLS 1.2 at least': requireValue(
    'Microsoft.Web/sites',
    'properties.siteConfig.minTlsVersion',
    tls,
  ),
  'so does its deployment site': requireValue(
    'Microsoft.Web/sites',
    'properties.siteConfig.scmMinTlsVersion',
    tls,
  ),
  'nobody publishes with a password': requireValue(
    'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
    'properties.allow',
    ['false'],
  ),
};

const forbidden: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\blist\w*(?:keys|sas|secrets|credentials)\b/i, why: 'a call that hands out keys' },
  { pattern: /\bsharedKey\b|AccountKey=|SharedAccess(?:Key|Signature)/i, why: 'a key' },
  {
    pattern: /DefaultEndpointsProtocol|STORAGE_CONNECTION_STRING/,
    why: 'a connection string',
  },
  {
    pattern: /instrumentationKey|\.(?:primary|secondary)(?:Key|SharedKey|ConnectionString)\b/i,
    why: 'a key',
  },
  { pattern: /'(?:br|ts)[:/]/, why: 'a module from a registry, which nothing here can check' },
  { pattern: /'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'/i, why: 'an id without a name' },
];

/** Words that no line of a template may have; comments are read as well. */
export function forbiddenWords(text: string, file: string): Finding[] {
  return text.split('\n').flatMap((line, i) =>
    forbidden.flatMap(({ pattern, why }) => {
      const at = line.search(pattern);
      return at < 0 ? [] : [finding({ file, line: i + 1, column: at + 1 }, `Expected no such word: ${why}`)];
    }),
  );
}
