// The service under load: the whole local stack in a folder of its own, with a probe in each of its processes, and what
// a level needs to call it and to look at it.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { connectStorage, type Storage } from '@impasto/shared/azure';
import { makeTemporaryFolder } from '../bench/service.ts';
import { descendants, startRealStack } from '../infra/local/src/testing/real-stack.ts';
import { type Caller, submit } from './calls.ts';
import { folderVariable, type ProbeReading } from './probe.ts';
import { readProbe } from './read-probe.ts';

/** A part of the service, by what its processes run. */
type Part = 'function' | 'workers' | 'autoscaler';

export interface Rig extends Caller {
  readonly storage: Storage;
  /** The engines of the workers count as workers. */
  pidsOf(part: Part): number[];
  /** Of the first process of the part. */
  readProbe(part: Part): Promise<ProbeReading>;
  /** What all processes have logged so far, by the name of the file. */
  readLogs(): Promise<Map<string, string>>;
}

interface RigOptions {
  /** Settings of the service. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly resources: AsyncDisposableStack;
}

const scripts: Readonly<Record<Exclude<Part, 'autoscaler'>, string>> = {
  function: 'functions-host/main.ts',
  workers: 'container-app/src/',
};

/** Starts the stack; resolves when it takes jobs. */
export async function startRig({ settings, signal, resources }: RigOptions): Promise<Rig> {
  const folder = await makeTemporaryFolder(resources);
  const probes = join(folder, 'probes');
  const dataDir = join(folder, 'data');
  await mkdir(probes);
  const probe = new URL('./probe.ts', import.meta.url).href;
  const nodeOptions = `${process.env.NODE_OPTIONS ?? ''} --import=${probe}`.trim();
  const stack = await startRealStack(dataDir, {
    ...settings,
    NODE_OPTIONS: nodeOptions,
    [folderVariable]: probes,
  });
  resources.defer(async () => void (await stack.stop()));
  const { STORAGE_CONNECTION_STRING } = parseEnv(await readFile(join(dataDir, 'storage.env'), 'utf8'));
  const pidsOf = (part: Part) =>
    part === 'autoscaler' ? [stack.pid] : descendants(stack.pid, scripts[part]);
  return {
    url: stack.url,
    history: [],
    signal,
    storage: connectStorage({ STORAGE_CONNECTION_STRING }),
    pidsOf,
    readProbe: async (part) => await readProbe(probes, pidsOf(part)[0] ?? Number.NaN),
    readLogs: () => readFolder(join(dataDir, 'logs')),
  };
}

async function readFolder(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder);
  const read = async (name: string) => [name, await readFile(join(folder, name), 'utf8')] as const;
  return new Map(await Promise.all(names.map(read)));
}

/** Between two looks at the queue: the storage has other things to do. */
const lookEveryMs = 100;

/** Resolves when the queue is empty: every job has ended. @returns false when that takes longer. */
export async function drained({ storage, signal }: Rig, patienceSeconds: number): Promise<boolean> {
  const deadlineMs = performance.now() + 1000 * patienceSeconds;
  while (performance.now() < deadlineMs) {
    if ((await storage.queue.countMessages({ signal })) === 0) return true;
    await delay(lookEveryMs, undefined, { signal });
  }
  return false;
}

const warmUpSeconds = 120;

/**
 * Sends jobs until so many workers are up and their code is compiled; resolves when these are done.
 * @throws Error when no jobs are taken, or the workers do not come up.
 */
export async function warmUp(rig: Rig, workers: number, body: string): Promise<void> {
  const deadlineMs = performance.now() + 1000 * warmUpSeconds;
  while (performance.now() < deadlineMs) {
    for (let count = 0; count < 5 * workers; count += 1) {
      const { status, code } = await submit(rig, body);
      if (status !== 202)
        throw new Error(`Expected 202 for a first job, received ${status ?? 'none'} ${code ?? ''}`);
    }
    const isDone = await drained(rig, warmUpSeconds);
    const seen = await rig.storage.workers.list({ signal: rig.signal });
    // Their reports are written half a second later: a worker that has just finished may still say that it is busy.
    const up = seen.filter(({ report: { state } }) => state === 'ready' || state === 'busy');
    if (isDone && up.length >= workers) return;
  }
  throw new Error(`Expected ${workers} workers to come up within ${warmUpSeconds} s, they did not`);
}
