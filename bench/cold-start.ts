// The cold start, twice: of the whole stack from zero workers, as a caller feels it, and of one worker process whose
// first message waits already, which is the part that is ours to make quick.
import { resolve } from 'node:path';
import { connectStorage, createContainersAndQueue } from '@impasto/shared/azure';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { z } from 'zod';
import { median, medianOfEach } from '../scripts/lib/statistics.ts';
import { contentAt, styleImage } from './pictures.ts';
import { type Program, startProgram } from './processes.ts';
import { putJob } from './put-job.ts';
import { type JobPictures, makeTemporaryFolder, runJob, startService } from './service.ts';

export interface ColdFigures {
  readonly longerSide: number;
  /** Seconds from a submission with no worker to the downloaded result: median and every run. */
  readonly stackSeconds: number;
  readonly stackRuns: readonly number[];
  /** Seconds from the spawn of a worker to the completed record of the job that waited for it. */
  readonly workerSeconds: number;
  readonly workerRuns: readonly number[];
  /** Median milliseconds from the spawn to each step of the worker. */
  readonly workerSteps: Readonly<Record<string, number>>;
}

const longerSide = 1024;
const runs = 3;
/** Rarer than for a warm job: a start takes seconds, and each poll some of the processor. */
const polling = { quietMs: 0, everyMs: 50 };

export async function measureColdStart(
  model: string,
  resources: AsyncDisposableStack,
  note: (line: string) => void,
): Promise<ColdFigures> {
  const pictures = { content: await contentAt(longerSide), style: await styleImage(), maxSide: longerSide };
  note(`cold start of the stack from zero workers, ${runs} times`);
  const stackRuns = await stackFromZero(pictures, resources);
  note(`cold start of a worker, ${runs} times`);
  const steps = await workersFromSpawn({ ...pictures, model }, resources);
  const workerRuns = steps.map((step) => (step['job completed'] ?? Number.NaN) / 1000);
  return {
    longerSide,
    stackSeconds: median(stackRuns),
    stackRuns,
    workerSeconds: median(workerRuns),
    workerRuns,
    workerSteps: medianOfEach(steps),
  };
}

async function stackFromZero(pictures: JobPictures, resources: AsyncDisposableStack): Promise<number[]> {
  const { client, next, stop } = await startService({ COOLDOWN_SECONDS: '0' }, resources);
  const seconds: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    seconds.push((await runJob(client, pictures, polling)).ms / 1000);
    await next((line) => (line === 'worker 1 stopped' ? line : undefined));
  }
  await stop();
  return seconds;
}

type Steps = Record<string, number>;

async function workersFromSpawn(
  what: JobPictures & { readonly model: string },
  resources: AsyncDisposableStack,
): Promise<Steps[]> {
  const emulator = resources.adopt(await startAzurite(), (azurite) => azurite.stop());
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  const storage = connectStorage(settings);
  // The stack gives its workers such a folder too; the first run fills it and is not counted.
  const cache = resolve(await makeTemporaryFolder(resources), 'compile-cache');
  const env = { ...process.env, ...settings, NODE_COMPILE_CACHE: cache, LOG_LEVEL: 'info' };
  const steps: Steps[] = [];
  for (let run = 0; run <= runs; run += 1) {
    await putJob(storage, what);
    const script = new URL('../container-app/src/main.ts', import.meta.url);
    const worker = startProgram(script, env, resources);
    steps.push(await watchFirstJob(worker));
    await worker.stop();
  }
  await emulator.stop();
  return steps.slice(1);
}

const logLine = z.object({ event: z.string() });

/** Milliseconds from the spawn to each event of the worker's log, until its first job has ended. */
async function watchFirstJob(worker: Program): Promise<Steps> {
  const steps: Steps = {};
  return worker.next((line) => {
    const { event } = logLine.parse(JSON.parse(line));
    steps[event.replace('.', ' ')] = performance.now() - worker.startedAtMs;
    if (event === 'job.attempt_failed') throw new Error(`Expected the first job to be completed: ${line}`);
    return event === 'job.completed' ? steps : undefined;
  });
}
