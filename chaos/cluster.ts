// The whole service with the fault proxy in its middle: a storage that can be paused, the functions host and the
// workers, each with a way of its own to the storage.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import type { Environment } from '@impasto/shared';
import {
  connectStorage,
  containerNames,
  createContainersAndQueue,
  type Storage,
} from '@impasto/shared/azure';
import { until } from '@impasto/shared/testing';
import {
  type FaultProxy,
  type Rule,
  type StorageCall,
  startFaultProxy,
} from '@impasto/shared/testing/fault-proxy';
import { z } from 'zod';
import type { ChaosOptions } from './options.ts';
import { startVictim, type Victim } from './processes.ts';

export interface Cluster {
  readonly workers: readonly Victim[];
  readonly host: Victim;
  readonly azurite: Victim;
  /** The way to the storage past the proxy. */
  readonly storage: Storage;
  readonly proxy: FaultProxy;
  /** Where data and logs are. */
  readonly folder: string;
  /** Does not remove the folder at the end. */
  keepFolder(): void;
  /** Where the API is now; the address changes when the host is started again. */
  apiUrl(): string;
  /** Takes the sweeper's lock from whoever was killed with it, who would keep it for a minute. */
  breakLock(): Promise<void>;
  /** Whether this worker has come so far as to look for messages. */
  isUp(worker: Victim): boolean;
}

interface ClusterOptions {
  readonly options: ChaosOptions;
  readonly rule: Rule;
  readonly onAnswer: (call: StorageCall, status: number) => void;
  readonly onUnexpectedEnd: (what: string) => void;
  readonly resources: AsyncDisposableStack;
}

export const leaseSeconds = 3;
/** Longer than a client waits for its answer: what is taken from a submission then was nobody's any more. */
const orphanSeconds = 15;
const startMs = 60_000;
/** No worker is up so soon: a call that seems to be its own comes from the one that was killed. */
const leastStartMs = 300;

const azuriteScript = new URL('../infra/local/src/azurite-process.ts', import.meta.url);
const hostScript = new URL('../infra/local/src/functions-host/main.ts', import.meta.url);
const functionApp = new URL('../azure-function/src/main.ts', import.meta.url);
const workerScript = new URL('../container-app/src/main.ts', import.meta.url);

export async function startCluster(needs: ClusterOptions): Promise<Cluster> {
  const { options, resources, rule, onUnexpectedEnd } = needs;
  const { folder, keepFolder } = await makeFolder(resources);
  if (options.keep) keepFolder();
  const logs = join(folder, 'logs');
  await mkdir(logs);
  const start = (
    name: string,
    script: URL,
    env: Environment,
    stopBy: 'signal' | 'disconnect',
    onReady?: (message: unknown) => void,
  ) => {
    if (resources.disposed) throw new Error('Expected a run that goes on, it has ended');
    const restart = name !== 'azurite';
    const environment = { ...inherited(folder), ...env };
    const victim = startVictim({
      name,
      script,
      env: environment,
      logs,
      stopBy,
      restart,
      onReady,
      onUnexpectedEnd,
    });
    // A run that is cleaned up while this is still alive was interrupted: nothing is worth an orderly end.
    resources.defer(() => victim.end());
    return victim;
  };

  const azuriteReady = Promise.withResolvers<unknown>();
  const azuriteEnv = { AZURITE_DATA_DIR: join(folder, 'azurite') };
  const azurite = start('azurite', azuriteScript, azuriteEnv, 'disconnect', azuriteReady.resolve);
  const connectionString = await connectionStringOf(azuriteReady.promise);
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: connectionString });

  const lastReceivedMs = new Map<string, number>();
  const onAnswer = (call: StorageCall, status: number) => {
    if (call.point === 'received') lastReceivedMs.set(call.client, call.arrivedAtMs);
    needs.onAnswer(call, status);
  };
  const proxy = startFaultProxy({ connectionString, onAnswer });
  resources.defer(() => proxy.stop());

  let url: string | undefined;
  const hostEnv = hostEnvironment(options, await proxy.open('function'));
  const host = start('function', hostScript, hostEnv, 'disconnect', (message) => {
    url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(message).port}`;
  });
  const workers: Victim[] = [];
  for (let number = 1; number <= options.workers; number += 1) {
    const name = `worker-${number}`;
    workers.push(start(name, workerScript, workerEnvironment(await proxy.open(name)), 'signal'));
  }
  const isUp = ({ name, startedAtMs }: Victim) =>
    (lastReceivedMs.get(name) ?? 0) > startedAtMs + leastStartMs;
  await until('the functions host to listen', () => url, startMs);
  await until('the workers to look for messages', () => workers.every(isUp), startMs);
  proxy.setRule(rule);
  const locks = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(
    containerNames.locks,
  );
  const breakLock = async () => {
    // Nobody may hold it, or ever have held it.
    await locks.getBlobClient('sweeper').getBlobLeaseClient().breakLease(0).catch(ignore);
  };
  const storage = connectStorage({ STORAGE_CONNECTION_STRING: connectionString });
  return {
    workers,
    host,
    azurite,
    storage,
    proxy,
    folder,
    keepFolder,
    apiUrl: () => url ?? '',
    isUp,
    breakLock,
  };
}

function ignore(): void {}

async function makeFolder(
  resources: AsyncDisposableStack,
): Promise<{ folder: string; keepFolder: () => void }> {
  const folder = await mkdtemp(join(tmpdir(), 'impasto-chaos-'));
  let kept = false;
  resources.defer(async () => {
    if (!kept) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const keepFolder = () => {
    kept = true;
  };
  return { folder, keepFolder };
}

async function connectionStringOf(ready: Promise<unknown>): Promise<string> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('Expected Azurite to start, it did not')), startMs);
  const message = await Promise.race([ready, late]).finally(() => clearTimeout(timer));
  return z.object({ connectionString: z.string() }).parse(message).connectionString;
}

/** Only what finds programs and caches: settings of the service that the caller has set are not ours. */
function inherited(folder: string): Environment {
  const { PATH, HOME, LANG, TZ, LD_LIBRARY_PATH } = process.env;
  return {
    PATH,
    HOME,
    LANG,
    TZ,
    LD_LIBRARY_PATH,
    TMPDIR: tmpdir(),
    NODE_COMPILE_CACHE: join(folder, 'cache'),
  };
}

function hostEnvironment({ sweeper, workers }: ChaosOptions, connectionString: string): Environment {
  return {
    PORT: '0',
    FUNCTION_APP_URL: functionApp.href,
    STORAGE_CONNECTION_STRING: connectionString,
    MODELS: 'impasto-v1',
    MAX_REPLICAS: String(workers),
    LOG_LEVEL: 'info',
    SWEEP_SCHEDULE: sweeper ? '*/2 * * * * *' : 'off',
    SWEEP_AFTER_SECONDS: String(3 * leaseSeconds),
    ORPHAN_SECONDS: String(orphanSeconds),
  };
}

function workerEnvironment(connectionString: string): Environment {
  return {
    STORAGE_CONNECTION_STRING: connectionString,
    LEASE_SECONDS: String(leaseSeconds),
    POLL_SECONDS: '0.2',
    SHUTDOWN_SECONDS: '2',
    INFERENCE_TIMEOUT_SECONDS: '60',
    LOG_LEVEL: 'info',
  };
}
