// Runs one command: its client, its signals, its output, and the exit code of whatever it throws.
import type { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { printable } from '../logger.ts';
import type { CommandContext } from './cli-commands.ts';
import type { GlobalOptions } from './cli-options.ts';
import { makeProgressView, type ProgressView, retryText } from './cli-progress.ts';
import { errorDocument, errorText, exitCodeFor, exitCodes } from './cli-report.ts';
import { StyleTransferClient } from './client.ts';
import type { StyleTransferClientOptions } from './client-options.ts';
import { DeadLetterClient } from './dead-letter-client.ts';
import { StyleTransferError } from './error.ts';

type Run = (context: CommandContext) => Promise<void>;
export type Execute = (command: Command, run: Run) => Promise<void>;

/** Resolves with the exit code; never rejects. */
export async function execute(command: Command, run: Run): Promise<number> {
  const options: GlobalOptions = command.optsWithGlobals();
  const progress = makeProgressView(options.json === true || options.quiet === true, process.stderr);
  const commandFor = makeCommandFor(command, options);
  let exitCode: number = exitCodes.ok;
  const endWith = (code: number) => {
    exitCode = code;
  };
  const interruption = new AbortController();
  // Once only: a second Ctrl-C ends the process at once.
  const interrupt = () => interruption.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const settings = clientOptions(options, progress);
    const client = new StyleTransferClient(settings);
    const deadLetters = new DeadLetterClient(settings);
    const print = makePrint(options);
    const { signal } = interruption;
    await run({ client, deadLetters, signal, progress, print, commandFor, endWith });
    return exitCode;
  } catch (thrown) {
    progress.stop();
    const error = asClientError(thrown);
    if (options.json) printJson(errorDocument(error));
    else process.stderr.write(printable(errorText(error, commandFor)));
    return exitCodeFor(error);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function clientOptions(options: GlobalOptions, progress: ProgressView): StyleTransferClientOptions {
  return {
    baseUrl: options.url,
    functionKey: options.key || undefined,
    retrySeconds: options.retry,
    userAgent: `impasto-cli/${manifest.version}`,
    onRetry: (notice) => progress.note(retryText(notice)),
  };
}

/** An address that was typed is part of the command to paste; one from the environment will be there again. */
function makeCommandFor(command: Command, options: GlobalOptions): CommandContext['commandFor'] {
  const typed = command.getOptionValueSourceWithGlobals('url') === 'cli';
  return (verb) => (typed ? `impasto --url ${options.url} ${verb}` : `impasto ${verb}`);
}

function makePrint(options: GlobalOptions): CommandContext['print'] {
  return (text, document) =>
    options.json ? printJson(document) : process.stdout.write(`${printable(text)}\n`);
}

/** Still JSON: what is escaped stands in strings only. */
export function printJson(document: object): void {
  process.stdout.write(`${printable(JSON.stringify(document, null, 2))}\n`);
}

function asClientError(thrown: unknown): StyleTransferError {
  if (thrown instanceof StyleTransferError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new StyleTransferError('callback_failed', `Something went wrong in this program: ${message}`, {
    cause: thrown,
  });
}
