// The command `impasto trace` with its help.
import type { Command } from 'commander';
import type { Execute } from './cli-execute.ts';
import { runTrace, spanFile, type TraceOptions } from './cli-trace.ts';

export function addTraceCommand(program: Command, execute: Execute): void {
  program
    .command('trace')
    .description('print where the time of a job went; of a local service started with --telemetry')
    .argument('<id>', 'of a job, of a batch, or of a trace')
    .option('--spans <file>', 'file with spans', spanFile(process.env))
    .action((id: string, options: TraceOptions, command) =>
      execute(command, (context) => runTrace(context, id, options)),
    );
}
