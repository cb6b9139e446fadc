// The commands `impasto dead-letters ...` with their help.
import { type Command, Option } from 'commander';
import { deadLetterStates } from '../dead-letter-wire.ts';
import {
  type ListOptions,
  type PurgeOptions,
  runList,
  runPurge,
  runReplay,
  runShow,
  type SelectionOptions,
} from './cli-dead-letters.ts';
import type { Execute } from './cli-execute.ts';
import { whole } from './cli-options.ts';

const idArgument = ['<id>', 'id of a job, or message-{hash}'] as const;
const optionalIdArgument = ['[id]', 'id of a job, or message-{hash}; or else --reason or --all'] as const;
const reasonOption = [
  '--reason <code>',
  'those that failed for this reason, such as attempts_exhausted',
] as const;

export function addDeadLetterCommands(program: Command, execute: Execute): void {
  const group = program
    .command('dead-letters')
    .description('what ended badly: look at it, replay it, throw it away; needs the master key');
  group
    .command('list')
    .description('list dead letters')
    .option(...reasonOption)
    .addOption(new Option('--state <state>', 'which of them').choices(deadLetterStates).default('open'))
    .option('--limit <number>', 'how many at most', whole, 50)
    .action((options: ListOptions, command) => execute(command, (context) => runList(context, options)));
  group
    .command('show')
    .description('print a dead letter, and whether its job can be replayed')
    .argument(...idArgument)
    .action((id: string, _options, command) => execute(command, (context) => runShow(context, id)));
  addSelection(group.command('replay').description('queue failed jobs again')).action(
    (id: string | undefined, options: SelectionOptions, command) =>
      execute(command, (context) => runReplay(context, id, options)),
  );
  addSelection(group.command('purge').description('throw dead letters away, and the images of their jobs'))
    .option('-y, --yes', 'do not ask')
    .action((id: string | undefined, options: PurgeOptions, command) =>
      execute(command, (context) => runPurge(context, id, options)),
    );
}

function addSelection(command: Command): Command {
  return command
    .argument(...optionalIdArgument)
    .option(...reasonOption)
    .option('--all', 'all that are open');
}
