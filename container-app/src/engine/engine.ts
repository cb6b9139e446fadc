// The parent's side of the engine. Inference blocks the event loop of the process that runs it, so that it has a
// process of its own: this one goes on renewing leases and hearing signals, and ends a hopeless run by killing it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { JobError, type Logger, type Phase } from '@impasto/shared';
import { engineEnvironment } from './engine-environment.ts';
import type { Painting, PaintRequest } from './painter.ts';
import type { EngineFacts, EngineFailure, EngineSettings, FromEngine, ToEngine } from './protocol.ts';

export interface PaintOptions {
  /** Aborting kills the process; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: Phase, progress: number) => void;
}

export interface Engine {
  readonly facts: EngineFacts;
  /** One picture at a time. @throws JobError with what went wrong; `engine_crashed` when the process ended. */
  paint(request: PaintRequest, options?: PaintOptions): Promise<Painting>;
  stop(): Promise<void>;
}

interface EngineOptions {
  readonly settings: EngineSettings;
  readonly inferenceTimeoutSeconds: number;
  readonly log: Logger;
}

interface RunningEngine {
  readonly child: ChildProcess;
  readonly facts: EngineFacts;
}

/** Resolves once the default model is loaded and warm. @throws JobError when it cannot be. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const first = await launch(options);
  /** The process that is there; while a new one starts, the promise of it. */
  let current: RunningEngine | Promise<RunningEngine> | undefined = first;
  let stopped = false;

  function startAnother(): Promise<RunningEngine> {
    const starting: Promise<RunningEngine> = launch(options).then(
      (engine) => {
        current = engine;
        return engine;
      },
      (error) => {
        current = undefined;
        options.log.error('engine.start_failed', { error });
        throw error;
      },
    );
    // Whoever paints next hears of a failed start; until then it must not count as unhandled.
    starting.catch(() => {});
    return starting;
  }

  /** Ends the process. The next picture finds a new one, which starts now and not only then. */
  function replace({ child }: RunningEngine): void {
    child.kill('SIGKILL');
    current = stopped ? undefined : startAnother();
  }

  async function alive({ signal, onProgress }: PaintOptions): Promise<RunningEngine> {
    current ??= startAnother();
    if (current instanceof Promise) onProgress?.('loading_model', 0);
    const engine = await current;
    signal?.throwIfAborted();
    return engine;
  }

  return {
    facts: first.facts,
    async paint(request, paintOptions = {}) {
      const engine = await alive(paintOptions);
      try {
        return await paintWith(engine, request, paintOptions, options.inferenceTimeoutSeconds);
      } catch (error) {
        // A picture that cannot be decoded says nothing about the engine; anything else makes it suspect.
        if (!(error instanceof JobError && harmless.has(error.code))) replace(engine);
        throw error;
      }
    },
    async stop() {
      stopped = true;
      const engine = await Promise.resolve(current).catch(() => undefined);
      if (!engine || engine.child.exitCode !== null || engine.child.signalCode !== null) return;
      const exited = once(engine.child, 'exit');
      engine.child.kill('SIGKILL');
      await exited;
    },
  };
}

const harmless: ReadonlySet<string> = new Set([
  'image_corrupt',
  'unsupported_image_format',
  'too_many_pixels',
  'unknown_model',
]);

async function launch({ settings, log }: EngineOptions): Promise<RunningEngine> {
  const startedAt = performance.now();
  const env = engineEnvironment(process.env);
  const child = fork(new URL('./engine-process.ts', import.meta.url), { serialization: 'advanced', env });
  child.on('error', (error) => log.error('engine.error', { error }));
  try {
    const answer = await exchange(child, { type: 'start', settings }, {});
    if (answer.type !== 'ready') throw new Error(`expected the engine to be ready, received ${answer.type}`);
    log.info('engine.ready', { ...answer.facts, ms: Math.round(performance.now() - startedAt) });
    return { child, facts: answer.facts };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function paintWith(
  { child }: RunningEngine,
  request: PaintRequest,
  options: PaintOptions,
  timeoutSeconds: number,
): Promise<Painting> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    const answer = await exchange(child, { type: 'paint', request }, { ...options, signal });
    if (answer.type !== 'painted')
      throw new Error(`expected a painting from the engine, received ${answer.type}`);
    return answer.painting;
  } catch (error) {
    if (!timeout.aborted || options.signal?.aborted) throw error;
    throw new JobError(
      'inference_timeout',
      `expected a painting within ${timeoutSeconds} seconds, received none`,
    );
  }
}

/** Sends one message and waits for its answer, the end of the process or the signal, whichever comes first. */
function exchange(
  child: ChildProcess,
  message: ToEngine,
  { signal, onProgress }: PaintOptions,
): Promise<FromEngine> {
  return new Promise((resolve, reject) => {
    const settled = new AbortController();
    const finish = (settle: () => void) => {
      settled.abort();
      child.off('message', onMessage).off('exit', onExit);
      settle();
    };
    const onMessage = (answer: FromEngine) => {
      if (answer.type === 'progress') onProgress?.(answer.phase, answer.progress);
      else if (answer.type === 'failed') finish(() => reject(errorOf(answer.error)));
      else finish(() => resolve(answer));
    };
    const onExit = (code: number | null, name: string | null) => {
      const how = name ?? `exit code ${code}`;
      finish(() =>
        reject(new JobError('engine_crashed', `expected an answer from the engine, it ended with ${how}`)),
      );
    };
    child.on('message', onMessage).on('exit', onExit);
    signal?.addEventListener('abort', () => finish(() => reject(signal.reason)), { signal: settled.signal });
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.send(message, (error) => error && onExit(null, error.message));
  });
}

function errorOf({ code, message, retryable }: EngineFailure): JobError {
  return new JobError(code, message, { retryable });
}
