#!/usr/bin/env node
// The `impasto` command. Ends by itself rather than by process.exit(), so that piped output is complete.
import { runCli } from './cli-program.ts';

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCli(process.argv);
