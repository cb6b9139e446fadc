// Does it lose anything? npm run chaos runs the whole service, breaks it in every way that it can, and looks at what is
// left. The table (or with --json the figures) goes to standard output, progress to standard error. The exit code is 1
// when anything that must not happen did.
import { messageOf } from '@impasto/shared';
import { readOptions, usage } from './options.ts';
import { failuresOf, formatReport } from './report.ts';
import { runChaos } from './run.ts';

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
    const report = await Promise.race([
      runChaos({ options, note, resources, signal: stopping }),
      aborted(stopping),
    ]);
    const text = options.json ? JSON.stringify(report, undefined, 2) : formatReport(report);
    await new Promise((written) => process.stdout.write(`${text}\n`, written));
    return failuresOf(report).length === 0 ? 0 : 1;
  } catch (error) {
    note(messageOf(error));
    return 1;
  } finally {
    await resources.disposeAsync();
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
