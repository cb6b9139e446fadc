// For tests: the command line as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ScriptedService } from './scripted-service.ts';

const cli = fileURLToPath(new URL('cli.ts', import.meta.url));

/** Starts `impasto`, without a terminal. */
export function startCli(args: readonly string[], cwd: string, environment: Record<string, string> = {}) {
  const env = { ...process.env, ...environment };
  return spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function outcomeOf(child: ReturnType<typeof startCli>) {
  const outcome = [text(child.stdout), text(child.stderr), once(child, 'close')] as const;
  const [stdout, stderr, [code]] = await Promise.all(outcome);
  return { stdout, stderr, code };
}

/** The arguments that lead to a service, without retries. */
export function leadTo({ url }: ScriptedService, args: readonly string[]): string[] {
  return ['--url', url, '--retry', '0', ...args];
}
