// Checks what a template passes to its modules, and the values of its own parameters and outputs.
import { dirname, resolve } from 'node:path';
import { checkTyped } from './check-typed.ts';
import { type Finding, finding } from './finding.ts';
import { type Scope, scopeOf } from './scope.ts';
import type { Module, Template } from './template.ts';

/** The template that a module's path leads to, as written in the file that uses it. */
export type FindModule = (path: string) => Template | undefined;

export function findModuleIn(templates: readonly Template[], from: Template): FindModule {
  return (path) => templates.find(({ file }) => resolve(file) === resolve(dirname(from.file), path));
}

export function checkModules(template: Template, findModule: FindModule): Finding[] {
  const scope = scopeOf(template);
  return template.modules.flatMap((module) => {
    const target = findModule(module.path);
    if (!target)
      return [
        finding(module.place, `Expected a template, for the module ${module.name}, received ${module.path}.`),
      ];
    return [
      ...checkNames(module),
      ...checkParams(module, target, scope),
      ...checkTargetScope(module, target, template),
    ];
  });
}

const namesOfModule = ['name', 'scope', 'params', 'dependsOn', 'identity'];

function checkNames({ name, body }: Module): Finding[] {
  return body.entries
    .filter((entry) => !namesOfModule.includes(entry.name ?? ''))
    .map((entry) =>
      finding(
        entry.place,
        `Expected ${namesOfModule.join(', ')}, for the module ${name}, received ${entry.name}.`,
      ),
    );
}

function checkTargetScope({ name, place, scope }: Module, target: Template, template: Template): Finding[] {
  if (scope || target.targetScope === template.targetScope) return [];
  return [
    finding(
      place,
      `Expected a scope, for the module ${name} of targetScope ${target.targetScope}, received nothing.`,
    ),
  ];
}

function checkParams(module: Module, target: Template, scope: Scope): Finding[] {
  const entries = module.params?.entries ?? [];
  const given = new Set(entries.map(({ name }) => name));
  const missing = target.parameters
    .filter((parameter) => !parameter.default && !parameter.type.nullable && !given.has(parameter.name))
    .map(({ name }) =>
      finding(module.place, `Expected a value, for ${module.name}.params.${name}, received nothing.`),
    );
  const found = entries.flatMap(({ name, place, value }) => {
    const parameter = target.parameters.find((candidate) => candidate.name === name);
    const names = target.parameters.map((candidate) => candidate.name).join(', ');
    return parameter
      ? checkTyped(value, parameter.type, scope, `${module.name}.params.${name}`)
      : [finding(place, `Expected a parameter (${names}), for the module ${module.name}, received ${name}.`)];
  });
  return [...missing, ...found];
}
