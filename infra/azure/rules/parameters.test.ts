// Parameters are documented, limited and safe by default.
import { test } from 'node:test';
import {
  mostHaveDefaults,
  numbersHaveLimits,
  parametersAreDescribed,
  secretsHaveNoDefault,
} from './parameters.ts';
import { catches, holds } from './testing.ts';

const rules = { parametersAreDescribed, secretsHaveNoDefault, numbersHaveLimits, mostHaveDefaults };

const mistakes: readonly [name: keyof typeof rules, right: string, wrong: string][] = [
  ['parametersAreDescribed', "@description('This month; not to be given.')\n", ''],
  ['parametersAreDescribed', "@description('This month; not to be given.')\n", "@description('thisMonth')\n"],
  ['secretsHaveNoDefault', "param webhookSecrets string = ''", "param webhookSecrets string = 'whsec_1'"],
  ['secretsHaveNoDefault', '@secure()\n', ''],
  ['numbersHaveLimits', '@minValue(1)\nparam maxQueued int', 'param maxQueued int'],
  ['mostHaveDefaults', 'param maxQueued int = 1000', 'param maxQueued int'],
];

test('a name that sounds like a secret is secure, or an address', async () => {
  const right = 'param webhookSecretUri string';
  await catches(secretsHaveNoDefault, {
    'modules/function.bicep': [right, 'param webhookSecretsReference string'],
  });
  await catches(secretsHaveNoDefault, { 'modules/function.bicep': [right, 'param acctKeyOfHost string'] });
});

for (const [name, right, wrong] of mistakes) {
  test(`${name}, not: ${wrong.trim() || 'nothing'}`, async () => {
    await holds(rules[name]);
    await catches(rules[name], { 'main.bicep': [right, wrong] });
  });
}
