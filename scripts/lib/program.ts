// What the measuring programs have in common: options or help, progress on standard error, the outcome on standard output,
// an orderly end on Ctrl-C, and everything that was started stopped.
import { messageOf } from '@impasto/shared';

/** Tells of progress. */
export const note = (line: string) => process.stderr.write(`${line}\n`);

interface Surroundings {
  /** Everything that is started registers how it is stopped. */
  readonly resources: AsyncDisposableStack;
  /** Aborts once we are asked to stop. */
  readonly signal: AbortSignal;
}

interface Outcome {
  readonly text: string;
  readonly failed?: boolean;
}

interface Program<Options> {
  /** @returns undefined when help was asked for. @throws Error about what is wrong. */
  readonly readOptions: (args: readonly string[]) => Options | undefined;
  readonly usage: string;
  readonly run: (options: Options, surroundings: Surroundings) => Promise<Outcome>;
}

/** Runs the program and ends the process: with 1 when it failed. */
export async function runProgram<Options>({ readOptions, usage, run }: Program<Options>): Promise<never> {
  const signal = stopSignal();
  const resources = new AsyncDisposableStack();
  let exitCode = 0;
  try {
    const options = readOptions(process.argv.slice(2));
    const help: Outcome = { text: usage };
    const running = options === undefined ? help : run(options, { resources, signal });
    const { text, failed = false } = await Promise.race([running, aborted(signal)]);
    await new Promise((written) => process.stdout.write(`${text}\n`, written));
    exitCode = failed ? 1 : 0;
  } catch (error) {
    note(messageOf(error));
    exitCode = 1;
  } finally {
    await resources.disposeAsync();
  }
  process.exit(exitCode);
}

/** A second Ctrl-C changes nothing: all is being ended as fast as it can be. */
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
