// Checks that every name in a template is declared, used, and has the properties that are asked of it.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Finding, finding } from './finding.ts';
import { isDecorator, isFunction, onlyForDefaults, readsFile } from './functions.ts';
import type { Reference, Template } from './template.ts';
import { unknownPart } from './unknown-part.ts';

/** @param outputsOf names of the outputs of a module, or undefined when they are not known. */
export function checkReferences(
  template: Template,
  outputsOf: (path: string) => readonly string[] | undefined,
): Finding[] {
  const references = declarationsOf(template).flatMap((declaration) => declaration.references);
  return [
    ...references.flatMap((reference) => checkReference(reference, template, outputsOf)),
    ...checkDecorators(template),
    ...checkDefaultsOnly(template),
    ...checkUnused(template, new Set(references.map(({ name }) => name))),
    ...checkDuplicates(template),
  ];
}

function declarationsOf(template: Template) {
  const { parameters, variables, resources, modules, outputs } = template;
  return [...parameters, ...variables, ...resources, ...modules, ...outputs];
}

function checkReference(
  reference: Reference,
  template: Template,
  outputsOf: (path: string) => readonly string[] | undefined,
): Finding[] {
  const { name, place, path } = reference;
  if (reference.called) return checkCalled(reference, template);
  const unknown = unknownPart(reference, template);
  if (unknown !== undefined) {
    return [finding(place, `Expected a property, for ${[name, ...path].join('.')}, received ${unknown}.`)];
  }
  const module = template.modules.find((candidate) => candidate.name === name);
  if (module) return checkOutput(reference, outputsOf(module.path));
  const { parameters, variables, resources } = template;
  const declared = [...parameters, ...variables, ...resources].some((candidate) => candidate.name === name);
  if (declared || template.otherNames.includes(name)) return [];
  if ((name === 'az' || name === 'sys') && path.length === 0) return [];
  return [finding(place, `Expected a declaration, for ${name}, received nothing.`)];
}

function checkCalled({ name, place, argument }: Reference, { otherNames, file }: Template): Finding[] {
  if (!isFunction(name) && !otherNames.includes(name)) {
    return [finding(place, `Expected a function of Bicep, for a call, received ${name}.`)];
  }
  if (!readsFile(name) || argument === undefined || existsSync(join(dirname(file), argument))) return [];
  return [finding(place, `Expected a file, for ${name}, received ${argument}.`)];
}

function checkOutput({ place, path, name }: Reference, outputs: readonly string[] | undefined): Finding[] {
  const [first, output] = path;
  if (first !== 'outputs' || output === undefined || !outputs || outputs.includes(output)) return [];
  return [finding(place, `Expected an output (${outputs.join(', ')}), for ${name}, received ${output}.`)];
}

function checkDecorators({ parameters, resources, outputs }: Template): Finding[] {
  return [...parameters, ...resources, ...outputs].flatMap(({ name, place, decorators }) =>
    decorators
      .filter((decorator) => !isDecorator(decorator.name))
      .map((decorator) =>
        finding(place, `Expected a decorator of Bicep, for ${name}, received ${decorator.name}.`),
      ),
  );
}

function checkDefaultsOnly(template: Template): Finding[] {
  const { variables, resources, modules, outputs } = template;
  return [...variables, ...resources, ...modules, ...outputs]
    .flatMap((declaration) => declaration.references)
    .filter(({ called, name }) => called && onlyForDefaults(name))
    .map(({ place, name }) =>
      finding(place, `Expected the default of a parameter, for a call of ${name}, received another place.`),
    );
}

function checkUnused({ parameters, variables, resources }: Template, used: ReadonlySet<string>): Finding[] {
  const existing = resources.filter(
    (resource) => resource.existing && !resources.some(({ inside }) => inside === resource.name),
  );
  return [...parameters, ...variables, ...existing]
    .filter(({ name }) => !used.has(name))
    .map(({ place, name }) => finding(place, `Expected a use, for ${name}, received none.`));
}

function checkDuplicates(template: Template): Finding[] {
  const { parameters, variables, resources, modules, outputs } = template;
  const twice = (declarations: readonly { name: string }[]) => (declaration: { name: string }) =>
    declarations.find(({ name }) => name === declaration.name) !== declaration;
  const names = [
    ...parameters,
    ...variables,
    ...resources.filter(({ inside }) => inside === undefined),
    ...modules,
  ];
  return [...names.filter(twice(names)), ...outputs.filter(twice(outputs))].map(({ place, name }) =>
    finding(place, `Expected one declaration, for ${name}, received another one.`),
  );
}
