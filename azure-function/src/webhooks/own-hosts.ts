// The names of hosts that are this service's own: no webhook goes there.
import type { StorageSettings } from '@impasto/shared';

const services = ['blob', 'queue', 'table', 'file', 'web', 'dfs'];

/** @param siteHost the function app's own name, such as `impasto.azurewebsites.net`, where it has one. */
export function ownHosts(storage: StorageSettings, siteHost: string | undefined): string[] {
  return [...storageHosts(storage), ...(siteHost === undefined ? [] : siteHosts(siteHost))];
}

/** With the host of its tools, which answers on the same name with `.scm.` in it. */
function siteHosts(siteHost: string): string[] {
  return [siteHost, siteHost.replace('.', '.scm.')];
}

function storageHosts(settings: StorageSettings): string[] {
  const text = settings.STORAGE_CONNECTION_STRING;
  if (text === undefined) return accountHosts(settings.STORAGE_ACCOUNT_NAME, 'core.windows.net');
  const parts = text.split(';').map((part) => part.split(/=(.*)/s));
  const partNamed = (name: string) => parts.find(([key]) => key?.trim().toLowerCase() === name)?.[1];
  const endpoints = parts.filter(([key]) => key?.trim().toLowerCase().endsWith('endpoint'));
  const named = endpoints.flatMap(([, value]) => URL.parse(value ?? '')?.hostname ?? []);
  return [...named, ...accountHosts(partNamed('accountname'), partNamed('endpointsuffix'))];
}

function accountHosts(account: string | undefined, suffix: string | undefined): string[] {
  if (!account || !suffix) return [];
  const hosts = services.map((service) => `${account}.${service}.${suffix}`);
  // Where the other copy of the data may be read.
  return [...hosts, ...services.map((service) => `${account}-secondary.${service}.${suffix}`)];
}
