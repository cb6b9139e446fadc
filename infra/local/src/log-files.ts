// The children's log lines: into one file per process, errors also to the terminal.
import { createWriteStream, mkdirSync, readdirSync, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

export interface LogFiles {
  readonly folder: string;
  /** What receives the lines of a process; the same name again goes on in the same file. */
  lineSink(name: string): (line: string) => void;
  close(): Promise<void>;
}

/** Starts with empty files: what an earlier run wrote is removed, so that the folder does not grow for ever. */
export function openLogFiles(folder: string, print: (line: string) => void): LogFiles {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.log')) rmSync(join(folder, name));
  const files = new Map<string, WriteStream>();

  const open = (name: string): WriteStream => {
    const known = files.get(name);
    if (known) return known;
    const file = createWriteStream(join(folder, `${name}.log`));
    file.on('error', (error) => print(`${name}: its log cannot be written: ${error.message}`));
    files.set(name, file);
    return file;
  };
  return {
    folder,
    lineSink: (name) => (line) => {
      open(name).write(`${line}\n`);
      if (isError(line)) print(`${name}: ${line}`);
    },
    close: async () => {
      await Promise.all([...files.values()].map((file) => new Promise((resolve) => file.end(resolve))));
    },
  };
}

function isError(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    return JSON.parse(line).level === 'error';
  } catch {
    return false;
  }
}
