// The local stack from the first line on the terminal to the exit code: what people see, and what signals do.
import { messageOf } from '@impasto/shared';
import type { Child } from './child.ts';
import { type LocalConfig, readConfig } from './config.ts';
import { lockFolder } from './lock.ts';
import { helpText, readOptions } from './options.ts';
import { assertPortFree } from './port.ts';
import { type Programs, type Stack, startStack } from './stack.ts';
import { openSpanFile, spanFileIn, whereToLook } from './telemetry.ts';

/** npm passes a signal on that the terminal has sent us already: only a later one is a second one. */
const sameSignalMs = 1_000;

/**
 * Runs until stopped.
 * @param args of the command line.
 * @returns the exit code: 0 when somebody asked for the stop.
 */
export async function run(programs: Programs, args: readonly string[] = []): Promise<number> {
  const children = new Set<Child>();
  const stopping = new AbortController();
  onSignals(stopping, children);
  const resources = new AsyncDisposableStack();
  let wasReady = false;
  try {
    const { help, telemetry } = readOptions(args);
    if (help) {
      print(helpText);
      return 0;
    }
    const config = withTelemetry(readConfig(), telemetry);
    await claim(config, resources);
    if (config.spanFile !== undefined) openSpanFile(config.spanFile);
    announce(config);
    const starting = startStack({ config, programs, print, resources, children, signal: stopping.signal });
    const stack = await Promise.race([starting, aborted(stopping.signal)]);
    if (stack) announceReady(stack, config);
    wasReady = stack !== undefined;
    const reason = await Promise.race([stack?.broken, aborted(stopping.signal)]);
    if (reason !== undefined) throw new Error(reason);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    console.error(messageOf(error));
    return 1;
  } finally {
    stopping.abort();
    await resources.disposeAsync();
    if (wasReady) print('Stopped.');
  }
}

function withTelemetry(config: LocalConfig, telemetry: boolean): LocalConfig {
  return telemetry ? { ...config, spanFile: spanFileIn(config.dataDir) } : config;
}

/** Makes sure that nobody else has the folder or the port. */
async function claim({ dataDir, port }: LocalConfig, resources: AsyncDisposableStack): Promise<void> {
  const lock = lockData(dataDir);
  if (lock === undefined) {
    throw new Error(
      `Expected a data folder of its own, for IMPASTO_DATA_DIR, received ${dataDir}, which another npm start is using`,
    );
  }
  resources.defer(() => lock.release());
  await assertPortFree(port);
}

function lockData(dataDir: string) {
  try {
    return lockFolder(dataDir);
  } catch (error) {
    throw new Error(
      `Expected a folder that can be written to, for IMPASTO_DATA_DIR, received ${dataDir} (${messageOf(error)})`,
    );
  }
}

function announce({ dataDir, maxReplicas, cappedFrom }: LocalConfig): void {
  print('Starting Impasto: storage (Azurite), the Function app, and workers when there is work.');
  print(`Jobs are kept in ${dataDir}, logs of all processes in ${dataDir}/logs.`);
  if (cappedFrom !== undefined) {
    print(`MAX_REPLICAS is ${maxReplicas} and not ${cappedFrom}: one worker for each core of this machine.`);
  }
}

function announceReady({ port }: Stack, { spanFile }: LocalConfig): void {
  print(`ready http://localhost:${port}`);
  if (spanFile !== undefined) for (const line of whereToLook(port, spanFile)) print(line);
  print('Try it: npm run demo, in another terminal. Ctrl-C stops everything.');
}

function onSignals(stopping: AbortController, children: ReadonlySet<Child>): void {
  let firstMs = 0;
  const receive = () => {
    if (!stopping.signal.aborted) {
      firstMs = performance.now();
      print('Stopping: workers finish the picture they are at (again to stop at once) ...');
      stopping.abort();
    } else if (performance.now() - firstMs > sameSignalMs) {
      for (const child of children) child.kill();
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, receive);
  // A terminal that has gone away must not end us before the others are stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function print(line: string): void {
  console.log(line);
}
