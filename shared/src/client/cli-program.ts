// The commands of `impasto` with their help, and the way from an argument list to an exit code.
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { type CheckOptions, runCheck } from './cli-check.ts';
import { runResult, runStatus, runStyle, runSubmit, runWait } from './cli-commands.ts';
import { addDeadLetterCommands } from './cli-dead-letter-program.ts';
import { type Execute, execute } from './cli-execute.ts';
import {
  addCheckOptions,
  addGlobalOptions,
  addStyleOptions,
  addTimeoutOption,
  type StyleOptions,
  type TimeoutOptions,
} from './cli-options.ts';
import { errorDocument, exitCodeHelp, exitCodes } from './cli-report.ts';
import { addStorageOptions } from './cli-storage.ts';
import { StyleTransferError } from './error.ts';

const examples = `
Examples:
  impasto style photo.jpg painting.jpg result.png
  impasto style photo.jpg painting.jpg result.webp --influence 0.9 --prompt "warmer light"
  id=$(impasto submit photo.jpg painting.jpg --quiet)
  impasto wait $id && impasto result $id result.png`;

const contentArgument = [
  '<content>',
  'photograph: JPEG, PNG, WebP, AVIF, GIF or TIFF, at most 20 MiB',
] as const;
const styleArgument = ['<style>', 'picture whose style it takes'] as const;
const jobArgument = ['<job_id>', 'as `submit` printed it'] as const;

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
  const document = errorDocument(new StyleTransferError('invalid_argument', message));
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
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
  addDeadLetterCommands(program, execute);
  addCheckCommand(program, execute);
  return program;
}

function addPaintingCommands(program: Command, execute: Execute): void {
  const style = program
    .command('style')
    .description('submit, wait and download the result')
    .argument(...contentArgument)
    .argument(...styleArgument)
    .argument('<result>', 'file to write: .png, .jpg, .jpeg or .webp');
  addTimeoutOption(addStyleOptions(style)).action(
    (content: string, style: string, result: string, options: StyleOptions & TimeoutOptions, command) =>
      execute(command, (context) => runStyle(context, { content, style, result }, options)),
  );
  const submit = program
    .command('submit')
    .description('submit only; prints the id of the job')
    .argument(...contentArgument)
    .argument(...styleArgument);
  addStyleOptions(submit).action((content: string, style: string, options: StyleOptions, command) =>
    execute(command, (context) => runSubmit(context, { content, style }, options)),
  );
}

function addJobCommands(program: Command, execute: Execute): void {
  program
    .command('status')
    .description('print the state of a job')
    .argument(...jobArgument)
    .action((jobId: string, _options, command) => execute(command, (context) => runStatus(context, jobId)));
  const wait = program
    .command('wait')
    .description('wait until a job is done')
    .argument(...jobArgument);
  addTimeoutOption(wait).action((jobId: string, options: TimeoutOptions, command) =>
    execute(command, (context) => runWait(context, jobId, options)),
  );
  program
    .command('result')
    .description('download the result of a completed job')
    .argument(...jobArgument)
    .argument('<file>', 'file to write; an existing one is replaced')
    .action((jobId: string, file: string, _options, command) =>
      execute(command, (context) => runResult(context, jobId, file)),
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
