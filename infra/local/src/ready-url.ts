// What the stack prints on its one line for programs, as whoever has started it waits for it.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @param exited resolves when the process has ended.
 * @returns the address in its line `ready ADDRESS`.
 * @throws Error with what it printed on standard error when it ends before; nothing where that is not piped.
 */
export function readyUrl(child: ChildProcess, exited: Promise<unknown>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const errors: string[] = [];
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^ready (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  }
  exited.then(() => {
    const why = errors.length > 0 ? `: ${errors.join('\n')}` : '';
    reject(new Error(`Expected the service to start, it ended before it was ready${why}`));
  });
  return promise;
}
