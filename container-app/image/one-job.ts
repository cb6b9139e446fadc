// One worker, one job: starts a worker by any command, with the emulator for a storage and a job that waits already,
// looks at the picture, and asks the worker to end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { connectStorage, createContainersAndQueue, type Storage } from '@impasto/shared/azure';
import { startAzurite } from '@impasto/shared/testing/azurite';
import sharp from 'sharp';
import { contentAt, styleImage } from '../../bench/pictures.ts';
import { putJob } from '../../bench/put-job.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the command. */
  readonly env: NodeJS.ProcessEnv;
}

export interface TriedJob {
  /** Milliseconds from the start of the command to the event of this name in the worker's log. */
  readonly msTo: ReadonlyMap<string, number>;
  readonly model: string;
  readonly executionProvider: string;
  readonly width: number;
  readonly height: number;
  /** Of the command, after SIGTERM. */
  readonly exitCode: number | null;
}

interface Trial {
  /** The command that starts a worker with these settings. */
  readonly command: (settings: Readonly<Record<string, string>>) => Command;
  /** The process that is to be asked to end: the command's own one where this is left out. */
  readonly workerOf?: (pid: number) => number;
  /** Is called once the job is completed, while the worker still runs. */
  readonly meanwhile?: () => void;
  /** Pixels of the content's longer side. */
  readonly longerSide: number;
}

const patienceMs = 120_000;

/** @throws Error when the worker ends early, takes too long, or its picture is not one of the right size. */
export async function tryOneJob(trial: Trial): Promise<TriedJob> {
  await using emulator = { ...(await startAzurite()), [Symbol.asyncDispose]: () => emulator.stop() };
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  const storage = connectStorage(settings);
  const content = await contentAt(trial.longerSide);
  const pictures = { content, style: await styleImage(), maxSide: trial.longerSide };
  const jobId = await putJob(storage, { ...pictures, model: 'impasto-v1' });
  const run = await watchWorker(trial, { ...settings, LOG_LEVEL: 'info' });
  return { ...run, ...(await pictureOf(jobId, storage, content)) };
}

async function watchWorker(trial: Trial, settings: Readonly<Record<string, string>>) {
  const { file, args, env } = trial.command(settings);
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(patienceMs);
  const worker = spawn(file, args, {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
    killSignal: 'SIGKILL',
  });
  const exited: Promise<unknown[]> = once(worker, 'exit');
  const msTo = new Map<string, number>();
  for await (const line of createInterface({ input: worker.stdout })) {
    const event = eventIn(line);
    msTo.set(event, Math.round(performance.now() - startedAt));
    if (event !== 'job.completed') continue;
    trial.meanwhile?.();
    const pid = worker.pid ?? 0;
    process.kill(trial.workerOf?.(pid) ?? pid, 'SIGTERM');
  }
  await exited;
  assert.ok(msTo.has('job.completed'), `expected a completed job, received ${[...msTo.keys()].join(', ')}`);
  return { msTo, exitCode: worker.exitCode };
}

/** The name of what a line of the worker's log tells of. */
function eventIn(line: string): string {
  const told: unknown = JSON.parse(line);
  return typeof told === 'object' && told !== null && 'event' in told ? String(told.event) : line;
}

async function pictureOf(jobId: string, { jobs, images }: Storage, content: Uint8Array) {
  const job = (await jobs.get(jobId))?.job;
  assert.ok(job?.status === 'completed', `expected a completed job, received ${JSON.stringify(job)}`);
  const { key, model, executionProvider } = job.result;
  const stored = await images.get(key);
  assert.ok(stored);
  const { width, height } = await sharp(await buffer(stored.body))
    .toBuffer({ resolveWithObject: true })
    .then(({ info }) => info);
  const sent = await sharp(content).metadata();
  assert.deepEqual({ width, height }, { width: sent.width, height: sent.height });
  return { model, executionProvider, width, height };
}
