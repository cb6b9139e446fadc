// What happens under load? npm run load puts the whole service under several kinds of it. The tables (or with --json the
// figures) go to standard output, progress to standard error. The exit code is 1 when anything was lost or answered
// wrongly; being slow is told and is no failure.
import { note, runProgram } from '../scripts/lib/program.ts';
import { type LoadOptions, readOptions, usage } from './options.ts';
import { failuresOf, type LoadReport, toJson, toMarkdown, toText } from './report.ts';
import { runLoad } from './run.ts';

await runProgram({
  readOptions,
  usage,
  run: async (options, surroundings) => {
    const report = await runLoad({ options, note, ...surroundings });
    return { text: format(report, options), failed: failuresOf(report).length > 0 };
  },
});

function format(report: LoadReport, { format }: LoadOptions): string {
  switch (format) {
    case 'json':
      return toJson(report);
    case 'markdown':
      return toMarkdown(report);
    case 'text':
      return toText(report);
  }
}
