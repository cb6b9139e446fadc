// The commands `impasto batch ...` with their help.
import type { Command } from 'commander';
import {
  type BatchResultsCommandOptions,
  type BatchStatusOptions,
  type BatchSubmitOptions,
  runBatchCancel,
  runBatchDelete,
  runBatchResults,
  runBatchStatus,
  runBatchSubmit,
  runBatchWait,
} from './cli-batch.ts';
import type { Execute } from './cli-execute.ts';
import type { DeleteOptions } from './cli-job-commands.ts';
import { addTimeoutOption, type TimeoutOptions } from './cli-options.ts';
import { addSubmitOptions } from './cli-submit-options.ts';

const batchArgument = ['<batch_id>', 'as `batch submit` printed it'] as const;

export function addBatchCommands(program: Command, execute: Execute): void {
  const group = program.command('batch').description('many pictures at once: every content in every style');
  addSubmit(group, execute);
  group
    .command('status')
    .description('print the state of a batch and of each of its jobs')
    .argument(...batchArgument)
    .option('--no-jobs', 'leave out the jobs')
    .action((id: string, options: BatchStatusOptions, command) =>
      execute(command, (context) => runBatchStatus(context, id, options)),
    );
  addTimeoutOption(
    group
      .command('wait')
      .description('wait until every job has ended')
      .argument(...batchArgument),
  ).action((id: string, options: TimeoutOptions, command) =>
    execute(command, (context) => runBatchWait(context, id, options)),
  );
  group
    .command('cancel')
    .description('end every job that has not ended')
    .argument(...batchArgument)
    .action((id: string, _options, command) => execute(command, (context) => runBatchCancel(context, id)));
  group
    .command('results')
    .description('download the pictures of a batch that is done as a ZIP file')
    .argument(...batchArgument)
    .argument('<file>', 'file to write; an existing one is replaced')
    .option('--partial', 'those that there are, even if the batch is not done')
    .action((id: string, file: string, options: BatchResultsCommandOptions, command) =>
      execute(command, (context) => runBatchResults(context, id, file, options)),
    );
  group
    .command('delete')
    .description('remove a batch with all of its jobs and pictures')
    .argument(...batchArgument)
    .option('-y, --yes', 'do not ask')
    .action((id: string, options: DeleteOptions, command) =>
      execute(command, (context) => runBatchDelete(context, id, options)),
    );
}

function addSubmit(group: Command, execute: Execute): void {
  const submit = group
    .command('submit')
    .description('submit; prints the id of the batch')
    .requiredOption('--content <files...>', 'photographs')
    .requiredOption('--style <files...>', 'pictures whose style they take');
  addSubmitOptions(submit).action((options: BatchSubmitOptions, command) =>
    execute(command, (context) => runBatchSubmit(context, options)),
  );
}
