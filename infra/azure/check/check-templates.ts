// All checks, over templates that use each other.
import { checkCycles } from './check-cycles.ts';
import { checkModules, findModuleIn } from './check-modules.ts';
import { checkReferences } from './check-references.ts';
import { checkOwnValues } from './check-typed.ts';
import { checkTypes } from './check-types.ts';
import type { Finding } from './finding.ts';
import type { Template } from './template.ts';

/** @param templates hold the modules that they use. A file that could not be read says only why. */
export function checkTemplates(templates: readonly Template[]): Finding[] {
  return templates.flatMap((template) => {
    if (template.syntaxErrors.length > 0) return template.syntaxErrors;
    const findModule = findModuleIn(templates, template);
    const outputsOf = (path: string) => findModule(path)?.outputs.map(({ name }) => name);
    const found = [
      ...checkTypes(template),
      ...checkModules(template, findModule),
      ...checkOwnValues(template),
      ...checkReferences(template, outputsOf),
      ...checkCycles(template),
    ];
    return found.sort((a, b) => a.line - b.line || a.column - b.column);
  });
}
