// The door as the local stack runs it, for tests: the Functions host as a process of its own before a storage in memory.
import assert from 'node:assert/strict';
import { limits } from '@impasto/shared';
import { connectStorage, createContainersAndQueue, type Storage } from '@impasto/shared/azure';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { checkFetches } from '@impasto/shared/testing/conformance';
import { z } from 'zod';
import { type Child, spawnChild } from '../child.ts';

export interface Service {
  readonly port: number;
  /** Of the Functions host's process. */
  readonly hostPid: number | undefined;
  readonly connectionString: string;
  readonly storage: Storage;
  /** Every line that a process of the service has written so far. */
  readonly lines: readonly string[];
  /** How much there is in each place where a submission leaves something. */
  contents(): Promise<Contents>;
  startWorker(): Child;
  stopStorage(): Promise<void>;
  stop(): Promise<void>;
}

interface Contents {
  readonly inputs: number;
  readonly jobs: number;
  readonly messages: number;
}

const hostScript = new URL('../functions-host/main.ts', import.meta.url).href;
export const functionAppUrl = new URL('../../../../azure-function/src/main.ts', import.meta.url).href;
const workerScript = new URL('../../../../container-app/src/main.ts', import.meta.url).href;

/** @param settings environment of the processes beside what they need anyway. */
export async function startService(settings: Record<string, string> = {}): Promise<Service> {
  const emulator = await startAzurite();
  const storageSettings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(storageSettings);
  const storage = connectStorage(storageSettings);
  const lines: string[] = [];
  const children: Child[] = [];

  const spawn = (script: string, stopBy: 'disconnect' | 'signal', own: Record<string, string>) => {
    const env = { ...process.env, LOG_LEVEL: 'debug', ...storageSettings, ...own, ...settings };
    const child = spawnChild({ script, env, stopBy, graceSeconds: 20, onLine: (line) => lines.push(line) });
    children.push(child);
    return child;
  };
  const host = spawn(hostScript, 'disconnect', {
    PORT: '0',
    FUNCTION_APP_URL: functionAppUrl,
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: String(limits.maxBodyBytes),
  });
  const { port } = z.object({ port: z.number() }).parse(await host.ready);

  const stopProcesses = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await emulator.stop();
  };
  const checks = await checkFetches(`http://127.0.0.1:${port}`).catch(async (error: unknown) => {
    await stopProcesses();
    throw error;
  });

  return {
    port,
    hostPid: host.pid,
    connectionString: emulator.connectionString,
    storage,
    lines,
    contents: async () => {
      const [inputs, jobs, messages] = await Promise.all([
        count(storage.images.list('inputs/')),
        count(storage.images.list('jobs/')),
        storage.queue.countMessages(),
      ]);
      return { inputs, jobs, messages };
    },
    startWorker: () => spawn(workerScript, 'signal', {}),
    stopStorage: () => emulator.stop(),
    stop: async () => {
      await stopProcesses();
      checks.stop();
    },
  };
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  return (await Array.fromAsync(items)).length;
}

/** The record of a job that the service has taken. */
export async function recordOf({ storage }: Service, jobId: string) {
  const stored = await storage.jobs.get(jobId);
  assert.ok(stored, `expected a record of job ${jobId}`);
  return stored.job;
}
