// The commands of `impasto` with their help, and the way from an argument list to an exit code.
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addBatchCommands } from './cli-batch-program.ts';
import { type CheckOptions, runCheck } from './cli-check.ts';
import { runStyle, runSubmit } from './cli-commands.ts';
import { addDeadLetterCommands } from './cli-dead-letter-program.ts';
import { type Execute, execute, printJson } from './cli-execute.ts';
import { addJobCommands } from './cli-job-program.ts';
import { addCheckOptions, addGlobalOptions, addTimeoutOption, type TimeoutOptions } from './cli-options.ts';
import { errorDocument, exitCodeHelp, exitCodes } from './cli-report.ts';
import { addStorageOptions } from './cli-storage.ts';
import { addSubmitOptions, type SubmitCommandOptions } from './cli-submit-options.ts';
import { addTraceCommand } from './cli-trace-program.ts';
import { StyleTransferError } from './error.ts';

const examples = `
Examples:
  impasto style photo.jpg painting.jpg result.png
  impasto style photo.jpg painting.jpg result.webp --influence 0.9 --prompt "warmer light"
  id=$(impasto submit photo.jpg painting.jpg --quiet)
  impasto wait $id && impasto result $id result.png
  batch=$(impasto batch submit --content *.jpg --style waves.jpg stars.jpg --quiet)
  impasto batch wait $batch && impasto batch results $batch pictures.zip
  impasto list --status completed --tag album=summer`;

const contentArgument = [
  '<content>',
  'photograph: JPEG, PNG, WebP, AVIF, GIF or TIFF, at most 20 MiB',
] as const;
const styleArgument = ['<style>', 'picture whose style it takes'] as const;

/** Runs one command line and resolves with the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  let exitCode: number = exitCodes.ok;
  const program = buildProgram(json, async (command, run) => {
    exitCode = await execute(command, run);
  });
  try {
    await program.parseAsync(argv);
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return exitCodes.ok;
    if (json) printUsageError(thrown);
    return exitCodes.usage;
  }
  return exitCode;
}

function printUsageError(thrown: CommanderError): void {
  const helpShown = thrown.code === 'commander.help';
  const message = helpShown
    ? 'Expected a command; impasto --help lists them.'
    : thrown.message.replace(/^error: /, '');
  printJson(errorDocument(new StyleTransferError('invalid_argument', message)));
}

function buildProgram(json: boolean, execute: Execute): Command {
  const program = new Command('impasto');
  // Subcommands take over what is set before they are added.
  program
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeErr: (text) => json || process.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'impasto: ')),
    })
    .showHelpAfterError('(impasto --help tells more)')
    .description('Paints a photograph in the style of another picture, through the Impasto service.')
    .version(manifest.version)
    .addHelpText('after', `${examples}\n${exitCodeHelp}`);
  addGlobalOptions(program);
  addPaintingCommands(program, execute);
  addJobCommands(program, execute);
  addBatchCommands(program, execute);
  addDeadLetterCommands(program, execute);
  addCheckCommand(program, execute);
  addTraceCommand(program, execute);
  return program;
}

function addPaintingCommands(program: Command, execute: Execute): void {
  const style = program
    .command('style')
    .description('submit, wait and download the result')
    .argument(...contentArgument)
    .argument(...styleArgument)
    .argument('<result>', 'file to write: .png, .jpg, .jpeg or .webp');
  addTimeoutOption(addSubmitOptions(style)).action(
    (
      content: string,
      style: string,
      result: string,
      options: SubmitCommandOptions & TimeoutOptions,
      command,
    ) => execute(command, (context) => runStyle(context, { content, style, result }, options)),
  );
  const submit = program
    .command('submit')
    .description('submit only; prints the id of the job')
    .argument(...contentArgument)
    .argument(...styleArgument);
  addSubmitOptions(submit).action((content: string, style: string, options: SubmitCommandOptions, command) =>
    execute(command, (context) => runSubmit(context, { content, style }, options)),
  );
}

function addCheckCommand(program: Command, execute: Execute): void {
  const check = program
    .command('check')
    .description('read the storage, and say whether every promise about jobs is kept; for operators');
  addCheckOptions(addStorageOptions(check)).action((options: CheckOptions, command) =>
    execute(command, (context) => runCheck(context, options)),
  );
}
