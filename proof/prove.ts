// The proof is proven: puts every defect in, one at a time, and sees whether the tests turn red. A defect that survives
// shows a hole in the tests.
import { globSync, readFileSync } from 'node:fs';
import { program } from 'commander';
import { type Defect, defects } from './defects.ts';
import { type Finding, findDefect } from './find-defect.ts';
import { withDefect } from './seed-defect.ts';

const options = program
  .name('npm run prove --')
  .description('Puts defects into the service, one at a time, and expects the tests to find them')
  .option('--only <name>', 'only this defect')
  .option('--proof-only', 'without the unit tests of the parts')
  .option('--json', 'one JSON line for each defect')
  .parse()
  .opts<{ only?: string; proofOnly?: boolean; json?: boolean }>();

const chosen = defects.filter(({ name }) => options.only === undefined || name === options.only);
if (chosen.length === 0) program.error(`Expected the name of a defect, received ${options.only}`);

for (const defect of chosen)
  withDefect(readFileSync(new URL(`../${defect.file}`, import.meta.url), 'utf8'), defect, defect.file);

let survivors = 0;
if (!options.json)
  console.log('defect                        caught by                                       seconds');
for (const defect of chosen) {
  const finding = await findDefect(defect, testsFor(defect));
  if (finding.caughtBy === undefined) survivors += 1;
  console.log(options.json ? JSON.stringify({ defect: defect.name, ...finding }) : line(defect, finding));
}
if (!options.json) console.log(`${chosen.length - survivors} of ${chosen.length} defects were caught`);
process.exitCode = survivors > 0 ? 1 : 0;

/** The tests of the part that the defect is in, and those of the whole: with the real adapters only where they matter. */
function testsFor({ file }: Defect): string[] {
  const isAdapter = file.startsWith('shared/src/azure/');
  const whole = ['model', 'fault-points'].map(
    (name) => `proof/${name}${isAdapter ? '-azurite' : ''}.test.ts`,
  );
  return options.proofOnly ? whole : [...unitTests(file), ...whole];
}

function unitTests(file: string): string[] {
  if (file.startsWith('shared/src/azure/')) return globSync('shared/src/azure/*.test.ts').sort();
  if (file.startsWith('shared/')) return ['shared/src/transition.test.ts', 'shared/src/reuse-key.test.ts'];
  // Tests with a whole model or a child process know nothing of the protocol.
  const [app = ''] = file.split('/', 1);
  return globSync(
    `${app}/src/{*,submit/*,jobs/*,sweep/*,dead-letters/*,idempotency/*,reuse/*,webhooks/deliver*}.test.ts`,
  )
    .filter((path) => !/(?:main|shutdown|image-corpus)\.test\.ts$/.test(path))
    .sort();
}

function line({ name }: Defect, { caughtBy, file, seconds }: Finding): string {
  const by = caughtBy === undefined ? 'NOTHING: it survives' : `${file}: ${caughtBy}`;
  return `${name.padEnd(30)}${by.padEnd(48)} ${seconds.toFixed(1)}`;
}
