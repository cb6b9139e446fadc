// Parameters that explain themselves and start out safe.
import { finding } from '../check/finding.ts';
import { type Parameter, textOf } from '../check/template.ts';
import type { Rule } from './rule.ts';

function decorated({ decorators }: Parameter, name: string) {
  return decorators.find((decorator) => decorator.name === name);
}

function everyParameter(wrong: (parameter: Parameter) => string | undefined): Rule {
  return (templates) =>
    templates.flatMap(({ parameters }) =>
      parameters.flatMap((parameter) => {
        const message = wrong(parameter);
        return message === undefined ? [] : [finding(parameter.place, `${message}, for ${parameter.name}`)];
      }),
    );
}

/** A sentence, not the name once more. */
export const parametersAreDescribed = everyParameter((parameter) => {
  const words = textOf(decorated(parameter, 'description')?.args[0])?.trim().split(/\s+/) ?? [];
  return words.length >= 3 ? undefined : 'Expected a description of three words at least';
});

/** By its name, as the compiler's own rule `secure-secrets-in-params` has it: it warns of nothing else. */
function looksSecret({ name, type }: Parameter): boolean {
  const isRead = type.kind === 'string' || type.kind === 'object';
  const isOnlyAbout = /secret(?:permissions|version|ur[il]|name)/i.test(name);
  return isRead && /password|pwd|secret|accountkey|acctkey/i.test(name) && !isOnlyAbout;
}

export const secretsHaveNoDefault = everyParameter((parameter) => {
  const isSecret = decorated(parameter, 'secure') !== undefined;
  const text = parameter.default && (textOf(parameter.default) ?? parameter.default.text);
  if (isSecret) return text === undefined || text === '' ? undefined : 'Expected no default but an empty one';
  return looksSecret(parameter) ? 'Expected @secure()' : undefined;
});

/** Numbers that an operator gives have a least value at least, or a list to choose from. */
export const numbersHaveLimits: Rule = (templates) =>
  everyParameter((parameter) => {
    const isFree = !decorated(parameter, 'minValue') && !decorated(parameter, 'allowed');
    return parameter.type.kind === 'int' && isFree ? 'Expected a least value' : undefined;
  })(templates.filter(({ file }) => file.endsWith('main.bicep')));

/** In the main template: so that a second deployment without them changes nothing by surprise, and asks for nothing. */
export const mostHaveDefaults: Rule = (templates) =>
  everyParameter(({ name, default: fallback }) =>
    fallback === undefined && name !== 'environmentName' && name !== 'location'
      ? 'Expected a default'
      : undefined,
  )(templates.filter(({ file }) => file.endsWith('main.bicep')));
