// The whole service as `npm start` runs it, for tests: a process of its own on a free port and a folder of its own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { checkFetches } from '@impasto/shared/testing/conformance';
import { readyUrl } from '../ready-url.ts';

export interface RealStack {
  readonly url: string;
  readonly pid: number;
  /** Sends SIGTERM. @returns the exit code. @throws where an answer was not as the service describes it. */
  stop(): Promise<number | null>;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

export async function startRealStack(
  dataDir: string,
  settings: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<RealStack> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, PORT: '0', IMPASTO_DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error('Expected the stack to be spawned');
  // A test that ends early must not leave the stack behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await readyUrl(child, exited);
  const checks = await checkFetches(url).catch((error: unknown) => {
    child.kill('SIGTERM');
    throw error;
  });
  return {
    url,
    pid,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      checks.stop();
      return code;
    },
  };
}

/** Processes below this one whose command line holds `part`. */
export function descendants(pid: number, part = ''): number[] {
  const table = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const rows = table.split('\n').flatMap((line) => {
    const [, id, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return id && parent && args !== undefined ? [{ pid: Number(id), parent: Number(parent), args }] : [];
  });
  const below = (of: number): typeof rows =>
    rows.filter((row) => row.parent === of).flatMap((row) => [row, ...below(row.pid)]);
  return below(pid)
    .filter((row) => row.args.includes(part))
    .map((row) => row.pid);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
