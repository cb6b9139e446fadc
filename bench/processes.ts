// The processes that the bench starts, and their end: each is registered with the resources of the run, so that none
// outlives it, however it ends.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Environment } from '@impasto/shared';

export interface Program {
  /** Moment of the spawn, on the clock of `performance.now()`. */
  readonly startedAtMs: number;
  /**
   * The next line of its output that `read` has an answer to, from lines that were not waited for yet.
   * @throws Error when the program ends before, or is silent for too long.
   */
  next<T>(read: (line: string) => T | undefined): Promise<T>;
  /** Asks it to stop and kills it, with all it has started, when it does not. */
  stop(): Promise<void>;
}

const graceMs = 10_000;
const patienceSeconds = 120;

/** Starts one of the project's main files as a process group of its own, which Ctrl-C reaches through us only. */
export function startProgram(script: URL, env: Environment, resources: AsyncDisposableStack): Program {
  refuseAfterEnd(resources);
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(script)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = exitOf(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // What is still running when the run is cleaned up was interrupted: nothing of it is worth an orderly end.
  resources.defer(() => end(child, exited, 0));
  return {
    startedAtMs,
    stop: () => end(child, exited, graceMs),
    async next(read) {
      for (;;) {
        const line = await inTime(`a line from ${fileURLToPath(script)}`, lines.next());
        if (line.done) throw new Error(`Expected ${fileURLToPath(script)} to go on, it ended`);
        const answer = read(line.value);
        if (answer !== undefined) return answer;
      }
    },
  };
}

/** Never rejects. A message that no longer gets through is an error event as well, and the exit tells of it. */
function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve()).on('error', () => child.pid === undefined && resolve());
  });
}

/** Asks for an end and, when that has not come in time, kills the whole group. */
async function end(child: ChildProcess, exited: Promise<void>, graceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const group = -child.pid;
  const kill = () => process.kill(group, 'SIGKILL');
  if (graceMs === 0) {
    kill();
    return await exited;
  }
  const timer = setTimeout(kill, graceMs);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(timer);
}

export interface Partner<Question, Answer> {
  readonly pid: number;
  /** Sends a message and resolves with the first answer that `isAnswer` takes. One at a time. */
  ask(question: Question, isAnswer?: (answer: Answer) => boolean): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts a process that answers messages, with exactly this environment. */
export function startPartner<Question extends object, Answer>(
  script: URL,
  env: NodeJS.ProcessEnv,
  resources: AsyncDisposableStack,
): Partner<Question, Answer> {
  refuseAfterEnd(resources);
  const child = fork(script, { serialization: 'advanced', env });
  const exited = exitOf(child);
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  resources.defer(stop);
  return {
    pid: child.pid ?? 0,
    stop,
    ask: (question, isAnswer = () => true) => {
      const answer = new Promise<Answer>((resolve) => {
        const receive = (message: unknown) => {
          if (!isAnswer(message as Answer)) return;
          child.off('message', receive);
          resolve(message as Answer);
        };
        child.on('message', receive).send(question);
      });
      const early = exited.then(() => {
        throw new Error(`Expected an answer from ${fileURLToPath(script)}, it ended`);
      });
      return inTime(`an answer from ${fileURLToPath(script)}`, Promise.race([answer, early]));
    },
  };
}

/** @throws Error when there is no outcome within a time that the slowest machine would keep. */
export async function inTime<T>(what: string, outcome: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const message = `Expected ${what} within ${patienceSeconds} seconds, received none`;
  const timer = setTimeout(() => reject(new Error(message)), patienceSeconds * 1000);
  return await Promise.race([outcome, promise]).finally(() => clearTimeout(timer));
}

/** What is started while the run is being cleaned up would be left behind. */
function refuseAfterEnd(resources: AsyncDisposableStack): void {
  if (resources.disposed) throw new Error('Expected a bench that goes on, it has ended');
}
