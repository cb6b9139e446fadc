// What a rule of our own is, and how it finds its way through the templates.
import { type Finding, finding } from '../check/finding.ts';
import { type Resource, type Template, textOf, type Value, valueAt } from '../check/template.ts';

/** @returns what is wrong, and where; nothing where all is well. */
export type Rule = (templates: readonly Template[]) => Finding[];

/** Values that are written down for a name: a variable's, both sides of a `?:`, or the value itself. */
export function alternatives(template: Template, value: Value | undefined): Value[] {
  if (value === undefined) return [];
  if (value.kind === 'ternary') {
    return [value.whenTrue, value.whenFalse].flatMap((side) => alternatives(template, side));
  }
  const named = value.kind === 'expression' ? variableOf(template, value.name) : undefined;
  return named ? alternatives(template, named) : [value];
}

function variableOf(template: Template, name: string | undefined): Value | undefined {
  return template.variables.find((variable) => variable.name === name)?.value;
}

export function resourcesOf(templates: readonly Template[], type: string) {
  return templates.flatMap((template) =>
    template.resources
      .filter((resource) => resource.type === type && !resource.existing)
      .map((resource) => ({ template, resource })),
  );
}

/** A value of every resource of a type must be one of those given, as it is written. */
export function requireValue(type: string, path: string, allowed: readonly string[]): Rule {
  return (templates) =>
    resourcesOf(templates, type).flatMap(({ template, resource }) => {
      const found = alternatives(template, valueAt(resource.body, ...path.split('.')));
      const isRight = found.length > 0 && found.every((value) => allowed.includes(written(value)));
      return isRight ? [] : [wrongValue(resource, path, allowed, found)];
    });
}

function written(value: Value): string {
  return textOf(value) ?? value.text;
}

function wrongValue(resource: Resource, path: string, allowed: readonly string[], found: readonly Value[]) {
  const received = found.map(written).join(' or ') || 'nothing';
  const message = `Expected ${path} ${allowed.join(' or ')}, for ${resource.name}, received ${received}`;
  return finding(found[0]?.place ?? resource.place, message);
}
