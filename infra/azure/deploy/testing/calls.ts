// Questions about the calls that a run made, each call as its words.
type Call = readonly string[];

/** All that begin so. */
export function callsOf(calls: readonly Call[], beginning: string): Call[] {
  return calls.filter((call) => call.join(' ').startsWith(beginning));
}

export function called(calls: readonly Call[], beginning: string): Call | undefined {
  return callsOf(calls, beginning)[0];
}

/** The value of a template parameter `name=value`; undefined where it was not passed. */
export function parameter(call: Call | undefined, name: string): string | undefined {
  return call?.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

const changes = [
  'az provider register',
  'az deployment sub create',
  'az deployment sub delete',
  'az acr build',
  'docker build',
  'docker push',
  'az functionapp deployment source config-zip',
  'az functionapp config appsettings delete',
  'az group delete',
  'az keyvault purge',
  'smoke-test',
];

/** In order, those that change something, without their options. */
export function changing(calls: readonly Call[]): string[] {
  return calls
    .map((call) => call.join(' '))
    .filter((call) => changes.some((change) => call.startsWith(change)))
    .map((call) => call.split(/ (?=--(?!silent)|\S+[.:])/)[0] ?? '');
}
