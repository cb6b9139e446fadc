// What happens under load? npm run load puts the whole service under several kinds of it. The tables (or with --json the
// figures) go to standard output, progress to standard error. The exit code is 1 when anything was lost or answered
// wrongly; being slow is told and is no failure.
import { messageOf } from '@impasto/shared';
import { type LoadOptions, readOptions, usage } from './options.ts';
import { failuresOf, type LoadReport, toJson, toMarkdown, toText } from './report.ts';
import { runLoad } from './run.ts';

const note = (line: string) => process.stderr.write(`${line}\n`);

process.exit(await run());

async function run(): Promise<number> {
  const stopping = stopSignal();
  const resources = new AsyncDisposableStack();
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === undefined) {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    const running = runLoad({ options, note, resources, signal: stopping });
    const report = await Promise.race([running, aborted(stopping)]);
    await new Promise((written) => process.stdout.write(`${format(report, options)}\n`, written));
    return failuresOf(report).length === 0 ? 0 : 1;
  } catch (error) {
    note(messageOf(error));
    return 1;
  } finally {
    await resources.disposeAsync();
  }
}

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

/** Aborts once we are asked to stop. A second Ctrl-C changes nothing: all is being ended as fast as it can be. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopping.abort(new Error('stopping ...')));
  }
  return stopping.signal;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
