// One engine process, from its start to its end, and the exchange of messages with it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { JobError, type Logger, type Phase } from '@impasto/shared';
import { engineEnvironment } from './engine-environment.ts';
import type { Painting, PaintRequest } from './painter.ts';
import type { EngineFacts, EngineFailure, EngineSettings, FromEngine, ToEngine } from './protocol.ts';

export interface PaintOptions {
  /** Aborting ends the painting; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: Phase, progress: number) => void;
}

export interface EngineOptions {
  readonly settings: EngineSettings;
  readonly inferenceTimeoutSeconds: number;
  readonly log: Logger;
}

export interface EngineChild {
  readonly facts: EngineFacts;
  /**
   * Whatever this rejects with, the process may be busy or dead: it is up to the caller to kill it.
   * @throws NotBegun where the process ended before it began.
   */
  paint(request: PaintRequest, options: PaintOptions): Promise<Painting>;
  /** False once the process is known to be gone, or to be going. */
  isAlive(): boolean;
  /** Resolves when the process is gone, however it ended. Never rejects. */
  readonly exited: Promise<unknown>;
  kill(): void;
}

/** The process was gone before it began: it answers every request with its progress before it touches a picture. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun';
}

/** Loading a model and a first small picture take a second or two; on a cold GPU machine much longer. */
const startTimeoutSeconds = 180;

/** Resolves once the default model is loaded and warm. @throws JobError when it cannot be; no process is left then. */
export async function launchEngine(options: EngineOptions, signal: AbortSignal): Promise<EngineChild> {
  const { settings, inferenceTimeoutSeconds, log } = options;
  const startedAt = performance.now();
  const env = engineEnvironment(process.env);
  const child = fork(new URL('./engine-process.ts', import.meta.url), { serialization: 'advanced', env });
  const exited = once(child, 'exit').catch((error) => log.error('engine.error', { error }));
  try {
    const answer = await within(startTimeoutSeconds, 'model_unavailable', 'a loaded model', signal, (limit) =>
      exchange(child, { type: 'start', settings }, { signal: limit }),
    );
    if (answer.type !== 'ready') throw new Error(`Expected the engine to be ready, received ${answer.type}`);
    log.info('engine.ready', { ...answer.facts, ms: Math.round(performance.now() - startedAt) });
    return {
      facts: answer.facts,
      exited,
      isAlive: () => child.connected,
      kill: () => child.kill('SIGKILL'),
      paint: (request, paintOptions) =>
        within(inferenceTimeoutSeconds, 'inference_timeout', 'a painting', paintOptions.signal, (limit) =>
          paint(child, request, { ...paintOptions, signal: limit }),
        ),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function paint(child: ChildProcess, request: PaintRequest, options: PaintOptions): Promise<Painting> {
  const answer = await exchange(child, { type: 'paint', request }, options);
  if (answer.type === 'painted') return answer.painting;
  throw new Error(`Expected a painting from the engine, received ${answer.type}`);
}

/** Runs `work` with a signal that also aborts when the time is over, which then has an error of its own. */
async function within<T>(
  seconds: number,
  code: 'inference_timeout' | 'model_unavailable',
  what: string,
  signal: AbortSignal | undefined,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(signal ? AbortSignal.any([signal, timeout]) : timeout);
  } catch (error) {
    if (error !== timeout.reason) throw error;
    throw new JobError(code, `Expected ${what} within ${seconds} seconds, received none`);
  }
}

/** Sends one message and waits for its answer, the end of the process or the signal, whichever comes first. */
function exchange(child: ChildProcess, message: ToEngine, options: PaintOptions): Promise<FromEngine> {
  const { signal, onProgress } = options;
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      child.off('message', onMessage).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    let begun = message.type === 'start';
    const onMessage = (answer: FromEngine) => {
      begun = true;
      if (answer.type === 'progress') onProgress?.(answer.phase, answer.progress);
      else if (answer.type === 'failed') finish(() => reject(errorOf(answer.error)));
      else finish(() => resolve(answer));
    };
    const onExit = (code: number | null, name: string | null) => {
      const how = name ?? `exit code ${code}`;
      const text = `Expected an answer from the engine, it ended with ${how}`;
      finish(() => reject(begun ? new JobError('engine_crashed', text) : new NotBegun(text)));
    };
    const onAbort = () => finish(() => reject(signal?.reason));
    child.on('message', onMessage).on('exit', onExit);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    else child.send(message, (error) => error && finish(() => reject(new NotBegun(error.message))));
  });
}

function errorOf({ code, message, retryable }: EngineFailure): JobError {
  return new JobError(code, message, { retryable });
}
