// One engine process, from its start to its end, and the exchange of messages with it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { JobError, type Logger, type Phase } from '@impasto/shared';
import { programBeside } from '../places.ts';
import { engineEnvironment } from './engine-environment.ts';
import { watchMemory } from './memory-watch.ts';
import type { PaintRequest } from './painter.ts';
import { picturePipeFd, receiveBytes } from './picture-pipe.ts';
import type {
  EngineFacts,
  EngineFailure,
  EngineSettings,
  FinishedPainting,
  FromEngine,
  PaintedMessage,
  ToEngine,
} from './protocol.ts';

export interface PaintOptions {
  /** Aborting ends the painting at once, and its process with it; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Aborting asks for an end between two stages, which leaves the process as good as it was; then as with `signal`. */
  readonly stop?: AbortSignal;
  readonly onProgress?: (phase: Phase, progress: number) => void;
}

/** A process that has come up, and how long that took. */
export interface EngineStart {
  readonly facts: EngineFacts;
  readonly pid: number;
  readonly seconds: number;
}

export interface EngineOptions {
  readonly settings: EngineSettings;
  readonly inferenceTimeoutSeconds: number;
  /** Told of each process that is loaded and warm: the first, and any that takes the place of another. */
  readonly onStart?: (start: EngineStart) => void;
  readonly log: Logger;
}

export interface EngineChild {
  readonly facts: EngineFacts;
  readonly pid: number;
  /**
   * Whatever this rejects with, the process may be busy or dead: it is up to the caller to kill it.
   * @throws NotBegun where the process ended before it began.
   * @throws GivenUp where it stopped because it was asked to: the process is ready for the next picture.
   */
  paint(request: PaintRequest, options: PaintOptions): Promise<FinishedPainting>;
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

/** The process has stopped painting, as it was asked to. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** How long a process that was asked to stop may go on: a run of the network ends only by itself, or with the process. */
const mostStoppingMs = 3_000;

/** Loading a model and a first small picture take a second or two; on a cold GPU machine much longer. */
const starting = { seconds: 180, code: 'model_unavailable', what: 'a loaded model' } as const;

/** The process and its picture pipe. */
interface Line {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly pictures: Socket;
  /** Never rejects. */
  readonly exited: Promise<unknown>;
}

/** Resolves once the default model is loaded and warm. @throws JobError when it cannot be; no process is left then. */
export async function launchEngine(options: EngineOptions, signal: AbortSignal): Promise<EngineChild> {
  const { settings, inferenceTimeoutSeconds: seconds, log } = options;
  const startedAt = performance.now();
  const line = spawnEngine(options);
  const { child, pid, exited } = line;
  const { memoryLimitBytes } = settings;
  try {
    const facts = await within({ ...starting, pid, memoryLimitBytes }, signal, (limit) =>
      exchange(line, { message: { type: 'start', settings }, read: factsIn }, { signal: limit }),
    );
    const ms = Math.round(performance.now() - startedAt);
    log.info('engine.ready', { ...facts, ms });
    options.onStart?.({ facts, pid, seconds: ms / 1000 });
    const painting = { seconds, code: 'inference_timeout', what: 'a painting' } as const;
    return {
      facts,
      pid,
      exited,
      isAlive: () => child.connected,
      kill: () => child.kill('SIGKILL'),
      paint: (request, paintOptions) =>
        within({ ...painting, pid, memoryLimitBytes }, paintOptions.signal, (limit) =>
          paint(line, request, { ...paintOptions, signal: limit }),
        ),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function spawnEngine({ settings, log }: EngineOptions): Line {
  const child = fork(programBeside('engine-process', import.meta.url), {
    serialization: 'advanced',
    env: engineEnvironment(process.env, settings.memoryLimitBytes),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc', 'pipe'],
  });
  const exited = once(child, 'exit').catch((error) => log.error('engine.error', { error }));
  const pictures = child.stdio[picturePipeFd];
  if (!(pictures instanceof Socket)) throw new Error('Expected a picture pipe to the engine, found none');
  // A broken pipe is the end of the process, and that has an event of its own.
  pictures.on('error', () => {});
  void exited.then(() => pictures.destroy());
  return { child, pid: child.pid ?? 0, pictures, exited };
}

async function factsIn(answer: FromEngine): Promise<EngineFacts> {
  if (answer.type === 'ready') return answer.facts;
  throw new Error(`Expected the engine to be ready, received ${answer.type}`);
}

function paint(line: Line, request: PaintRequest, options: PaintOptions): Promise<FinishedPainting> {
  const { content, style, parameters } = request;
  const [contentBytes, styleBytes] = [content.byteLength, style.byteLength];
  const read = async (answer: FromEngine) => {
    if (answer.type === 'stopped') throw new GivenUp('The painting was given up');
    if (answer.type !== 'painted') throw new Error(`Expected a painting, received ${answer.type}`);
    return await finishedPainting(line, answer);
  };
  const message = { type: 'paint', contentBytes, styleBytes, parameters } as const;
  return exchange(line, { message, pictures: [content, style], read }, options);
}

async function finishedPainting(line: Line, answer: PaintedMessage): Promise<FinishedPainting> {
  const { imageBytes, thumbnailBytes, painting } = answer;
  const both = await receiveBytes(line.pictures, imageBytes + thumbnailBytes);
  const thumbnail = { ...painting.thumbnail, image: both.subarray(imageBytes) };
  return { ...painting, image: both.subarray(0, imageBytes), thumbnail };
}

interface Limits {
  readonly seconds: number;
  /** Of the error when the time is over, and what was expected until then. */
  readonly code: 'inference_timeout' | 'model_unavailable';
  readonly what: string;
  readonly pid: number;
  readonly memoryLimitBytes: number;
}

/** Runs `work` with a signal that also aborts, with errors of their own, when the time or the memory is used up. */
async function within<T>(
  { seconds, code, what, pid, memoryLimitBytes }: Limits,
  signal: AbortSignal | undefined,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(Math.round(seconds * 1000));
  using memory = watchMemory(pid, memoryLimitBytes);
  try {
    return await work(AbortSignal.any([timeout, memory.signal, ...(signal ? [signal] : [])]));
  } catch (error) {
    if (error !== timeout.reason) throw error;
    throw new JobError(code, `Expected ${what} within ${seconds} seconds, received none`);
  }
}

interface Question<Answer> {
  readonly message: ToEngine;
  /** What follows the message through the pipe. */
  readonly pictures?: readonly Uint8Array[];
  /** Makes of the last message what was asked for. */
  readonly read: (last: FromEngine) => Promise<Answer>;
}

/** Asks and waits for the answer, the end of the process or the signal, whichever comes first. */
function exchange<Answer>(line: Line, question: Question<Answer>, options: PaintOptions): Promise<Answer> {
  const { child } = line;
  const { message, pictures = [], read } = question;
  const { signal, stop, onProgress } = options;
  return new Promise((resolve, reject) => {
    let stopping: NodeJS.Timeout | undefined;
    const finish = (settle: () => void) => {
      child.off('message', onMessage).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      stop?.removeEventListener('abort', onStop);
      clearTimeout(stopping);
      settle();
    };
    const fail = (error: unknown) => finish(() => reject(error));
    let begun = message.type === 'start';
    const onMessage = (answer: FromEngine) => {
      begun = true;
      if (answer.type === 'progress') onProgress?.(answer.phase, answer.progress);
      else if (answer.type === 'failed') fail(errorOf(answer.error));
      else read(answer).then((whole) => finish(() => resolve(whole)), fail);
    };
    const onExit = (code: number | null, name: string | null) => {
      const how = name ?? `exit code ${code}`;
      const text = `Expected an answer from the engine, it ended with ${how}`;
      fail(begun ? new JobError('engine_crashed', text) : new NotBegun(text));
    };
    const onAbort = () => fail(signal?.reason);
    const onStop = () => {
      stopping = setTimeout(() => fail(stop?.reason), mostStoppingMs);
      child.send({ type: 'stop' } satisfies ToEngine, () => {});
    };
    child.on('message', onMessage).on('exit', onExit);
    signal?.addEventListener('abort', onAbort);
    stop?.addEventListener('abort', onStop);
    if (signal?.aborted) return onAbort();
    child.send(message, (error) => error && fail(new NotBegun(error.message)));
    if (stop?.aborted) onStop();
    for (const picture of pictures) line.pictures.write(picture);
  });
}

function errorOf({ code, message, retryable }: EngineFailure): JobError {
  return new JobError(code, message, { retryable });
}
