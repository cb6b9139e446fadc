// Finds declarations that need each other, which no order of deployment can serve.
import { type Finding, finding } from './finding.ts';
import type { Template } from './template.ts';

export function checkCycles(template: Template): Finding[] {
  const { parameters, variables, resources, modules } = template;
  const declarations = [...parameters, ...variables, ...resources, ...modules];
  const uses = new Map(
    declarations.map(({ name, references }) => [name, references.map((reference) => reference.name)]),
  );
  return declarations.flatMap(({ name, place }) => {
    const cycle = pathBack(name, uses);
    return cycle
      ? [finding(place, `Expected an order, for ${name}, received the cycle ${cycle.join(' -> ')}.`)]
      : [];
  });
}

/** The shortest way from a name back to itself, with both ends. */
function pathBack(name: string, uses: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>();
  let paths = [[name]];
  while (paths.length > 0) {
    const longer = paths.flatMap((path) =>
      (uses.get(path.at(-1) ?? '') ?? []).map((next) => [...path, next]),
    );
    const back = longer.find((path) => path.at(-1) === name);
    if (back) return back;
    paths = longer.filter((path) => isNew(path.at(-1) ?? '', seen));
  }
  return undefined;
}

function isNew(name: string, seen: Set<string>): boolean {
  return !seen.has(name) && Boolean(seen.add(name));
}
