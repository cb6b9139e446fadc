// Processes under attack: started again whenever they end, each a process group of its own, its output in a file. Every
// end is either one that we asked for, or it is noted as unexpected.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '@impasto/shared';

export interface Victim {
  readonly name: string;
  /** Of the process that is there now, on the clock of `performance.now()`. */
  readonly startedAtMs: number;
  /** SIGKILL, to the one process or to all that it has started; it is started again. */
  kill(all: boolean): void;
  /** SIGSTOP and SIGCONT, to the one process. Nothing where it has just ended. */
  suspend(): void;
  resume(): void;
  /** SIGTERM; resolves when the process has ended, which is started again. */
  terminate(): Promise<Termination>;
  /** Asks for an end the way it is done here, kills what is still there when time is up. It is not started again. */
  stop(): Promise<Termination>;
  /** Kills it and all that it has started; it is not started again. */
  end(): Promise<void>;
}

interface Termination {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly seconds: number;
}

interface VictimOptions {
  readonly name: string;
  readonly script: URL;
  readonly env: Environment;
  /** Folder of the log files. */
  readonly logs: string;
  readonly stopBy: 'signal' | 'disconnect';
  /** Hears of each first message of a process. */
  readonly onReady?: ((message: unknown) => void) | undefined;
  /** In one sentence. */
  readonly onUnexpectedEnd: (what: string) => void;
  readonly restart: boolean;
}

const graceMs = 55_000;
/** Where the program cannot even start, not to try without a pause. */
const pauseMs = 500;
/** An engine whose worker was killed ends itself within a second; its number is not given to another so soon. */
const orphanMs = 3_000;
const keptLives = 5;
const lastWordsLength = 1_000;

interface Life {
  readonly child: ChildProcess;
  readonly exited: Promise<Omit<Termination, 'seconds'>>;
  readonly startedAtMs: number;
  expected: boolean;
  endedAtMs?: number;
}

export function startVictim(options: VictimOptions): Victim {
  const logFile = join(options.logs, `${options.name}.log`);
  /** The latest: none before these can have left anything behind. */
  const lives: Life[] = [];
  let stopping = false;
  let life = begin();

  function begin(): Life {
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [fileURLToPath(options.script)], {
      env: options.env,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    if (options.onReady) child.once('message', options.onReady);
    const exited = new Promise<Omit<Termination, 'seconds'>>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      // A message that no longer gets through is an error event as well, and the exit tells of it.
      child.on('error', () => child.pid === undefined && resolve({ code: null, signal: null }));
    });
    const begun: Life = { child, exited, startedAtMs: performance.now(), expected: false };
    lives.push(begun);
    if (lives.length > keptLives) lives.shift();
    void exited.then((end) => ended(begun, end));
    return begun;
  }

  async function ended(past: Life, { code, signal }: Omit<Termination, 'seconds'>): Promise<void> {
    const { child, expected } = past;
    past.endedAtMs = performance.now();
    if (!expected) {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      options.onUnexpectedEnd(`${options.name} (pid ${child.pid}) ended with ${how}: ${lastWords(logFile)}`);
      await delay(pauseMs);
    }
    if (options.restart && !stopping) life = begin();
  }

  const send = (signal: NodeJS.Signals, all = false) => {
    const { pid, exitCode, signalCode } = life.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(all ? -pid : pid, signal);
    } catch {
      // It has ended by itself in this moment.
    }
  };

  async function endBy(ask: () => void): Promise<Termination> {
    const dying = life;
    dying.expected = true;
    const startedMs = performance.now();
    const timer = setTimeout(() => dying.child.kill('SIGKILL'), graceMs);
    send('SIGCONT');
    ask();
    const end = await dying.exited;
    clearTimeout(timer);
    return { ...end, seconds: (performance.now() - startedMs) / 1000 };
  }

  return {
    name: options.name,
    get startedAtMs() {
      return life.startedAtMs;
    },
    kill: (all) => {
      life.expected = true;
      send('SIGKILL', all);
    },
    suspend: () => send('SIGSTOP'),
    resume: () => send('SIGCONT'),
    terminate: () => endBy(() => send('SIGTERM')),
    stop: async () => {
      stopping = true;
      const end = await endBy(() => {
        if (options.stopBy === 'signal') send('SIGTERM');
        else if (life.child.connected) life.child.disconnect();
      });
      return end;
    },
    async end() {
      stopping = true;
      life.expected = true;
      for (const { child, exited, endedAtMs } of lives) {
        if (endedAtMs === undefined || performance.now() - endedAtMs < orphanMs) killGroup(child.pid);
        await exited;
      }
    },
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

function lastWords(file: string): string {
  return readFileSync(file, 'utf8').slice(-lastWordsLength).trim();
}
