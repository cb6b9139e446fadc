// Checks the templates of infra/azure: prints what it finds, and ends with 1 when that is something.
//
//   node infra/azure/check/main.ts [folder]

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTemplates } from './check-templates.ts';
import { formatFinding } from './finding.ts';
import { readTemplates } from './parse-bicep.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const templates = await readTemplates(folder);
const findings = checkTemplates(templates);
for (const found of findings) {
  console.log(formatFinding({ ...found, file: relative(process.cwd(), found.file) }));
}
console.log(`${templates.length} templates, ${findings.length} findings`);
process.exitCode = findings.length > 0 ? 1 : 0;
