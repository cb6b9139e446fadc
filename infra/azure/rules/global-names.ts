// Names that Azure limits in length and letters. All are a prefix and the token, so that the compiler can count them too.
import { finding } from '../check/finding.ts';
import { valueAt } from '../check/template.ts';
import { type Rule, resourcesOf } from './rule.ts';

/** Of `uniqueString()`: lower-case letters and digits. */
const tokenLength = 13;

// https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
const limits: Readonly<Record<string, readonly [least: number, most: number, letters: RegExp]>> = {
  'Microsoft.Storage/storageAccounts': [3, 24, /^[a-z0-9]*$/],
  'Microsoft.KeyVault/vaults': [3, 24, /^[a-z][a-z0-9-]*$/],
  'Microsoft.ContainerRegistry/registries': [5, 50, /^[a-z0-9]*$/],
  'Microsoft.App/containerApps': [2, 32, /^[a-z][a-z0-9-]*$/],
  'Microsoft.Web/sites': [2, 60, /^[a-z0-9][a-z0-9-]*$/],
};

export const namesFit: Rule = (templates) =>
  Object.entries(limits).flatMap(([type, [least, most, letters]]) =>
    resourcesOf(templates, type).flatMap(({ resource }) => {
      const text = valueAt(resource.body, 'name')?.text ?? 'nothing';
      const prefix = /^'([^$]*)\$\{token\}'$/.exec(text)?.[1];
      const length = (prefix?.length ?? 0) + tokenLength;
      if (prefix !== undefined && letters.test(prefix) && length >= least && length <= most) return [];
      const message = `Expected a prefix and the token, ${least} to ${most} characters of ${letters.source}, for ${resource.name}, received ${text}`;
      return [finding(resource.place, message)];
    }),
  );

/** Where a name has a least or most length, the compiler warns unless it knows that of the token. */
export const tokensAreCounted: Rule = (templates) =>
  templates.flatMap((template) => {
    const isLimited = Object.keys(limits).some(
      (type) => /Storage|KeyVault|Registry/.test(type) && resourcesOf([template], type).length > 0,
    );
    const token = template.parameters.find(({ name }) => name === 'token');
    if (!isLimited || token === undefined) return [];
    return ['minLength', 'maxLength']
      .filter(
        (kind) => token.decorators.find(({ name }) => name === kind)?.args[0]?.text !== `${tokenLength}`,
      )
      .map((kind) => finding(token.place, `Expected @${kind}(${tokenLength}), for token`));
  });
