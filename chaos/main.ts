// Does it lose anything? npm run chaos runs the whole service, breaks it in every way that it can, and looks at what is
// left. The table (or with --json the figures) goes to standard output, progress to standard error. The exit code is 1
// when anything that must not happen did.
import { note, runProgram } from '../scripts/lib/program.ts';
import { readOptions, usage } from './options.ts';
import { failuresOf, formatReport } from './report.ts';
import { runChaos } from './run.ts';

await runProgram({
  readOptions,
  usage,
  run: async (options, surroundings) => {
    const report = await runChaos({ options, note, ...surroundings });
    const text = options.json ? JSON.stringify(report, undefined, 2) : formatReport(report);
    return { text, failed: failuresOf(report).length > 0 };
  },
});
