// What runs on the one machine, in the order in which it starts; it is stopped the other way round: first the door
// and the autoscaler, then the workers finish what they have, last the storage writes down what it holds.
import { join } from 'node:path';
import { fixedScaleSettings } from '@impasto/scale';
import type { Environment } from '@impasto/shared';
import { z } from 'zod';
import { runAutoscaler } from './autoscaler.ts';
import { type Child, type ChildOptions, exitWords, spawnChild } from './child.ts';
import { childEnvironment, functionsHostEnvironment, type LocalConfig, workerEnvironment } from './config.ts';
import { openLogFiles } from './log-files.ts';
import { checkWorker } from './preflight.ts';
import { writeStorageFile } from './storage-file.ts';
import { healthPortIn } from './telemetry.ts';
import { keepWebhookSecret } from './webhook-secret.ts';
import { makeWorkerPool } from './worker-pool.ts';

/** File URLs of the main files of the two apps. */
export interface Programs {
  readonly functionApp: string;
  readonly worker: string;
}

interface StackOptions {
  readonly config: LocalConfig;
  readonly programs: Programs;
  readonly print: (line: string) => void;
  /** Nothing more is started once it aborts. */
  readonly signal: AbortSignal;
  /** Where everything that is started registers how it is stopped. */
  readonly resources: AsyncDisposableStack;
  /**
   * The processes alive, for somebody who cannot wait. Without the storage: killed it would lose what it has not yet
   * written down, and once nobody holds its channel it closes in a moment anyway.
   */
  readonly children: Set<Child>;
}

export interface Stack {
  readonly port: number;
  /** Resolves with the reason when a part without which nothing works has ended. */
  readonly broken: Promise<string>;
}

/** A worker may finish its picture; Azure Container Apps gives it about as long. */
const workerGraceSeconds = 55;
const partGraceSeconds = 10;

const azuriteScript = new URL('./azurite-process.ts', import.meta.url).href;
const hostScript = new URL('./functions-host/main.ts', import.meta.url).href;

/** @throws Error with one clear sentence when a part does not start. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { config, programs, print, signal, resources } = options;
  const spawn = makeSpawner(options);

  const spawnPart = (name: string, script: string, env: Environment, more: Partial<ChildOptions> = {}) => {
    const child = spawn({ name, script, env, stopBy: 'disconnect', graceSeconds: partGraceSeconds, ...more });
    resources.defer(() => child.stop());
    return child;
  };

  const checking = checkWorker((more) =>
    spawnPart('check', programs.worker, workerEnvironment(config), more),
  );
  const azurite = spawnPart('azurite', azuriteScript, { AZURITE_DATA_DIR: join(config.dataDir, 'azurite') });
  // The SDKs take a while to load; the processes above start in the meantime.
  const [facts, ready, azure] = await Promise.all([checking, azurite.ready, import('@impasto/shared/azure')]);
  const { connectionString } = z.object({ connectionString: z.string() }).parse(ready);
  const storage = { STORAGE_CONNECTION_STRING: connectionString };
  await azure.createContainersAndQueue(storage);
  resources.defer(await writeStorageFile(config.dataDir, connectionString));

  const workerEnv = workerEnvironment(config, connectionString);
  const spawnWorker = (slot: number) => {
    const name = `worker-${slot}`;
    const script = programs.worker;
    return spawn({ name, script, env: workerEnv, stopBy: 'signal', graceSeconds: workerGraceSeconds });
  };
  const pool = makeWorkerPool({ slots: config.maxReplicas, spawn: spawnWorker, print });
  resources.defer(() => pool.stop());

  const webhookSecrets = await webhookSecretsFor(options);
  const hostFacts = { connectionString, models: facts.models, appUrl: programs.functionApp, webhookSecrets };
  const hostEnv = functionsHostEnvironment(config, hostFacts);
  const host = spawnPart('function', hostScript, hostEnv);
  const { port } = z.object({ port: z.number() }).parse(await host.ready);

  const { queue } = azure.connectStorage(storage);
  const autoscaling = new AbortController();
  const running = runAutoscaler(
    { queue, pool, print, settings: { ...fixedScaleSettings, queueLength: 1, ...config } },
    AbortSignal.any([signal, autoscaling.signal]),
  );
  resources.defer(async () => {
    autoscaling.abort();
    await running;
  });
  return { port, broken: Promise.race([unaskedEnd('the storage', azurite), unaskedEnd('the host', host)]) };
}

/** The user's own, or that of this folder: then it is said where receivers find it. */
async function webhookSecretsFor({ config, print }: StackOptions): Promise<string> {
  if (config.webhookSecrets !== undefined) return config.webhookSecrets;
  const { text, file } = await keepWebhookSecret(config.dataDir);
  print(`Webhooks are signed with the secret in ${file}; receivers on this machine are called, too.`);
  return text;
}

interface NamedChild extends ChildOptions {
  readonly name: string;
}

type Spawn = (child: NamedChild) => Child;

/** Spawns children whose lines go to the log files, and keeps the list of those alive. */
function makeSpawner({ config, print, signal, resources, children }: StackOptions): Spawn {
  const logs = openLogFiles(join(config.dataDir, 'logs'), print);
  resources.defer(() => logs.close());
  return ({ name, ...options }) => {
    signal.throwIfAborted();
    const child = spawnChild({
      ...options,
      env: childEnvironment(config.dataDir, options.env),
      onLine: options.onLine ?? sayingWhere(name, logs.lineSink(name), print),
    });
    if (name !== 'azurite') children.add(child);
    void child.exited.then(() => children.delete(child));
    return child;
  };
}

/** The lines of a process; where it says at which port it can be asked, people are told, too. */
function sayingWhere(name: string, sink: (line: string) => void, print: (line: string) => void) {
  return (line: string) => {
    sink(line);
    const port = healthPortIn(line);
    if (port !== undefined) print(`${name}: metrics at http://localhost:${port}/metrics`);
  };
}

async function unaskedEnd(what: string, child: Child): Promise<string> {
  const exit = await child.exited;
  return `${what} ended unasked (${exitWords(exit)})${exit.lastWords && `: ${exit.lastWords}`}`;
}
