// The commands that look after jobs which were sent, with their help.
import type { Command } from 'commander';
import { runResult, runStatus, runWait } from './cli-commands.ts';
import type { Execute } from './cli-execute.ts';
import {
  type DeleteOptions,
  type ListOptions,
  runCancel,
  runDelete,
  runDeliveries,
  runLimits,
  runListJobs,
  runRedeliver,
} from './cli-job-commands.ts';
import { addTimeoutOption, type TimeoutOptions, whole } from './cli-options.ts';
import { pair } from './cli-submit-options.ts';

const jobArgument = ['<job_id>', 'as `submit` printed it'] as const;

export function addJobCommands(program: Command, execute: Execute): void {
  addReading(program, execute);
  addEnding(program, execute);
  addListing(program, execute);
}

function addReading(program: Command, execute: Execute): void {
  program
    .command('status')
    .description('print the state of a job, and what it waits for')
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

function addEnding(program: Command, execute: Execute): void {
  program
    .command('cancel')
    .description('end a job that has not ended')
    .argument(...jobArgument)
    .action((jobId: string, _options, command) => execute(command, (context) => runCancel(context, jobId)));
  program
    .command('delete')
    .description('remove a job with its pictures')
    .argument(...jobArgument)
    .option('-y, --yes', 'do not ask')
    .action((jobId: string, options: DeleteOptions, command) =>
      execute(command, (context) => runDelete(context, jobId, options)),
    );
}

function addListing(program: Command, execute: Execute): void {
  program
    .command('list')
    .description('list jobs, newest first')
    .option('--status <name>', 'such as completed')
    .option('--model <name>', 'of this model')
    .option('--tag <key=value>', 'with this pair in its metadata; may be repeated', pair)
    .option('--batch <batch_id>', 'of this batch')
    .option('--limit <number>', 'how many at most', whole, 20)
    .action((options: ListOptions, command) => execute(command, (context) => runListJobs(context, options)));
  program
    .command('deliveries')
    .description('print what the webhook of a job was sent, and how it answered')
    .argument(...jobArgument)
    .action((jobId: string, _options, command) =>
      execute(command, (context) => runDeliveries(context, jobId)),
    );
  program
    .command('redeliver')
    .description('send a webhook once more')
    .argument(...jobArgument)
    .argument('<delivery_id>', 'as `deliveries` printed it')
    .action((jobId: string, deliveryId: string, _options, command) =>
      execute(command, (context) => runRedeliver(context, jobId, deliveryId)),
    );
  program
    .command('limits')
    .description('print what may be asked for: sizes, formats, models')
    .action((_options, command) => execute(command, runLimits));
}
