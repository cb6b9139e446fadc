// Child processes: spawned with a channel, watched, stopped in good order.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '@impasto/shared';

export interface ChildOptions {
  /** File URL of the script, run by this very Node. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Environment;
  /** How it is asked to stop: by SIGTERM as the platform does, or by closing the channel to it. */
  readonly stopBy: 'signal' | 'disconnect';
  /** Time from being asked to being killed. */
  readonly graceSeconds: number;
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last that the process had to say on standard error, at most 2,000 characters. */
  readonly lastWords: string;
}

export interface Child {
  /** Of one that was started. */
  readonly pid?: number | undefined;
  /** Resolves with the first message; rejects with the child's own last words when it ends before. */
  readonly ready: Promise<unknown>;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** Asks the child to stop, kills it when its time is up. Resolves when it is gone. */
  stop(): Promise<void>;
  kill(): void;
}

const lastWordsLength = 2_000;
/** What a process wrote is read to its end, unless a process of its own still holds the pipe. */
const restOfOutputMs = 500;

export function spawnChild(options: ChildOptions): Child {
  const spawned = spawn(process.execPath, [fileURLToPath(options.script), ...(options.args ?? [])], {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = watch(spawned, options);
  const ready = firstMessage(spawned, exited);
  ready.catch(() => {}); // not everybody waits for it
  return {
    ready,
    exited,
    pid: spawned.pid,
    kill: () => spawned.kill('SIGKILL'),
    stop: async () => {
      const timer = setTimeout(() => spawned.kill('SIGKILL'), options.graceSeconds * 1_000);
      if (options.stopBy === 'signal') spawned.kill('SIGTERM');
      else if (spawned.connected) spawned.disconnect();
      await exited;
      clearTimeout(timer);
    },
  };
}

async function watch(spawned: ChildProcess, { onLine }: ChildOptions): Promise<Exit> {
  let lastWords = '';
  const read = (['stdout', 'stderr'] as const).map((stream) =>
    readLines(spawned[stream], (line) => {
      if (stream === 'stderr') lastWords = `${lastWords}\n${line}`.slice(-lastWordsLength);
      onLine?.(line, stream);
    }),
  );
  // Not the 'close' event: it never comes once this side has closed the channel.
  const end = await new Promise<Omit<Exit, 'lastWords'>>((resolve) => {
    spawned.once('exit', (code, signal) => resolve({ code, signal }));
    spawned.once('error', (error) => {
      lastWords = error.message;
      resolve({ code: null, signal: null });
    });
  });
  await Promise.race([Promise.all(read), delay(restOfOutputMs)]);
  return { ...end, lastWords: lastWords.trim() };
}

/** Resolves when there are no more lines to come. */
async function readLines(input: Readable | null, receive: (line: string) => void): Promise<void> {
  if (input !== null) for await (const line of createInterface({ input })) receive(line);
}

async function firstMessage(spawned: ChildProcess, exited: Promise<Exit>): Promise<unknown> {
  const message = new Promise((resolve) => spawned.once('message', resolve));
  const early = exited.then((exit) => {
    throw new Error(exit.lastWords === '' ? exitWords(exit) : exit.lastWords);
  });
  return Promise.race([message, early]);
}

/** How a process ended, in words. */
export function exitWords({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
