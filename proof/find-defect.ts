// Runs test files with one defect in the service, until the first test that fails.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Defect } from './defects.ts';

export interface Finding {
  /** The first test that failed; none where the defect survives. */
  readonly caughtBy: string | undefined;
  readonly file: string | undefined;
  readonly seconds: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const seeding = new URL('./seed-defect.ts', import.meta.url).href;

/** @param files in the order in which they are run. */
export async function findDefect({ name }: Defect, files: readonly string[]): Promise<Finding> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  for (const file of files) {
    const caughtBy = await firstFailure(name, file);
    if (caughtBy !== undefined) return { caughtBy, file, seconds: seconds() };
  }
  return { caughtBy: undefined, file: undefined, seconds: seconds() };
}

async function firstFailure(defect: string, file: string): Promise<string | undefined> {
  const env = { ...process.env, IMPASTO_DEFECT: defect, NODE_OPTIONS: `--import=${seeding}` };
  const args = ['--test', '--test-reporter=tap', '--test-timeout=180000', file];
  // A group of its own, so that the file's own process ends with it.
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, name] = /^\s*not ok \d+ - (.*)$/.exec(line) ?? [];
      if (name === undefined) continue;
      // That a program comes of every defect is a test of its own: what fails here fails while the tests run.
      return name.endsWith('.test.ts') ? 'an error that no test waited for' : name.replaceAll('\\#', '#');
    }
    return undefined;
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  }
}
