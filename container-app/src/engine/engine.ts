// The engine as the worker sees it: one picture at a time, whatever becomes of the process that paints it.
//
// Inference blocks the event loop of the process that runs it, so that it has a process of its own: this one goes on
// renewing leases and hearing signals, and ends a hopeless run by killing it. A process that failed is replaced.
import { JobError } from '@impasto/shared';
import {
  type EngineChild,
  type EngineOptions,
  GivenUp,
  launchEngine,
  NotBegun,
  type PaintOptions,
} from './engine-child.ts';
import type { PaintRequest } from './painter.ts';
import type { EngineFacts, FinishedPainting } from './protocol.ts';

export interface Engine {
  readonly facts: EngineFacts;
  /**
   * One picture at a time. An aborted `signal` or `stop` ends it with that reason; a picture that is finished before it
   * could be stopped is given all the same.
   * @throws JobError with what went wrong; `engine_crashed` when the process ended, `out_of_memory` and
   * `inference_timeout` when it was ended because it took too much or too long.
   * @throws EngineLost when no process could be started again: nothing can be painted here any more.
   */
  paint(request: PaintRequest, options?: PaintOptions): Promise<FinishedPainting>;
  stop(): Promise<void>;
}

/** The engine process ended and could not be started again. Says nothing about the job. */
export class EngineLost extends Error {
  override readonly name = 'EngineLost';
}

/** Errors of a picture or a request: they say nothing about the process. Any other makes it suspect. */
const harmless: ReadonlySet<string> = new Set([
  'image_corrupt',
  'unsupported_image_format',
  'too_many_pixels',
  'unknown_model',
]);

/** Resolves once the default model is loaded and warm. @throws JobError when it cannot be. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const stopped = new AbortController();
  /** The process that is there, or the promise of the one that is starting; none when the last ended idle. */
  let current: EngineChild | Promise<EngineChild> | undefined;
  const { facts } = await start();

  function start(): Promise<EngineChild> {
    const starting: Promise<EngineChild> = launchEngine(options, stopped.signal).then(
      (child) => {
        current = child;
        void child.exited.then(() => {
          if (current === child) current = undefined;
        });
        return child;
      },
      (error) => {
        current = undefined;
        throw error;
      },
    );
    // Whoever paints next hears of a failed start; until then it must not count as unhandled.
    starting.catch(() => {});
    current = starting;
    return starting;
  }

  async function alive({ signal, stop, onProgress }: PaintOptions): Promise<EngineChild> {
    if (current && !(current instanceof Promise) && current.isAlive()) return current;
    onProgress?.('loading_model', 0);
    const coming = current instanceof Promise ? current : start();
    const starting = coming.catch((error) => {
      throw new EngineLost('The engine could not be started again', { cause: error });
    });
    return await unlessAborted(starting, [signal, stop]);
  }

  async function paint(
    request: PaintRequest,
    options: PaintOptions = {},
    again = true,
  ): Promise<FinishedPainting> {
    options.signal?.throwIfAborted();
    options.stop?.throwIfAborted();
    const child = await alive(options);
    try {
      return await child.paint(request, options);
    } catch (error) {
      if (error instanceof GivenUp) throw options.stop?.reason;
      if (error instanceof JobError && harmless.has(error.code)) throw error;
      child.kill();
      current = undefined;
      // It had died while idle, which says nothing about this picture.
      if (error instanceof NotBegun && again) return await paint(request, options, false);
      // After an abort there may be no next picture; otherwise it shall find a process that is ready.
      if (!options.signal?.aborted) start();
      throw error;
    }
  }

  async function stop(): Promise<void> {
    stopped.abort();
    const child = await Promise.resolve(current).catch(() => undefined);
    child?.kill();
    await child?.exited;
  }

  return { facts, paint: (request, paintOptions) => paint(request, paintOptions), stop };
}

async function unlessAborted<T>(
  promise: Promise<T>,
  signals: readonly (AbortSignal | undefined)[],
): Promise<T> {
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined));
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
