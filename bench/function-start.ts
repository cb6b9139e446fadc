// The cold start of the Function app, which every caller waits for who comes after a pause: from the spawn of the
// Functions host to its first answers, with the bundle that is deployed and with the sources, in turn.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createContainersAndQueue } from '@impasto/shared/azure';
import { StyleTransferClient } from '@impasto/shared/client';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { z } from 'zod';
import { buildPackage } from '../azure-function/packaging/build-package.ts';
import { spawnChild } from '../infra/local/src/child.ts';
import { median } from '../scripts/lib/statistics.ts';
import { contentAt, styleImage } from './pictures.ts';
import { inTime } from './processes.ts';
import { makeTemporaryFolder } from './service.ts';

export interface FunctionStartFigures {
  readonly bundleBytes: number;
  readonly zipBytes: number;
  readonly bundle: Start;
  readonly sources: Start;
  /** Median of the ratios of the pairs, to the first answer: bundle to sources. */
  readonly ratio: number;
  /** Milliseconds to the first answer with the bundle, of every run. */
  readonly bundleRuns: readonly number[];
}

/** Milliseconds from the spawn of the host, medians. */
interface Start {
  /** The app has registered its functions, and the host listens. */
  readonly readyMs: number;
  /** To the answer of `GET /api/health`, which asks the storage. */
  readonly healthMs: number;
  /** From the spawn to the receipt of a job that is sent after that. */
  readonly jobMs: number;
}

const runs = 7;
const hostScript = new URL('../infra/local/src/functions-host/main.ts', import.meta.url).href;
const sourcesUrl = new URL('../azure-function/src/main.ts', import.meta.url).href;

export async function measureFunctionStart(
  resources: AsyncDisposableStack,
  note: (line: string) => void,
): Promise<FunctionStartFigures> {
  note(`cold start of the Function app, bundle and sources in turn, ${runs} times`);
  const { app, bundleBytes, zipBytes } = await buildPackage(await makeTemporaryFolder(resources));
  const pairs = await startInPairs(pathToFileURL(`${app}/main.cjs`).href, resources);
  return {
    bundleBytes,
    zipBytes,
    bundle: medianStart(pairs.map(({ bundle }) => bundle)),
    sources: medianStart(pairs.map(({ sources }) => sources)),
    ratio: median(pairs.map(({ bundle, sources }) => bundle.healthMs / sources.healthMs)),
    bundleRuns: pairs.map(({ bundle }) => bundle.healthMs),
  };
}

interface Pair {
  readonly bundle: Start;
  readonly sources: Start;
}

/** In turn, so that both meet the same machine. */
async function startInPairs(bundleUrl: string, resources: AsyncDisposableStack): Promise<Pair[]> {
  const emulator = resources.adopt(await startAzurite(), (azurite) => azurite.stop());
  const { connectionString } = emulator;
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: connectionString });
  const pictures = { contentImage: await contentAt(256), styleImage: await styleImage() };
  const pairs: Pair[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const bundle = await measureStart(bundleUrl, connectionString, pictures, resources);
    const sources = await measureStart(sourcesUrl, connectionString, pictures, resources);
    pairs.push({ bundle, sources });
  }
  await emulator.stop();
  // The first brings the files into the system's memory.
  return pairs.slice(1);
}

interface Pictures {
  readonly contentImage: Uint8Array;
  readonly styleImage: Uint8Array;
}

async function measureStart(
  appUrl: string,
  connectionString: string,
  pictures: Pictures,
  resources: AsyncDisposableStack,
): Promise<Start> {
  // No compiled code of earlier runs: a new instance on the platform has none either.
  const { NODE_COMPILE_CACHE: _cache, ...inherited } = process.env;
  const own = { PORT: '0', FUNCTION_APP_URL: appUrl, STORAGE_CONNECTION_STRING: connectionString };
  const env = { ...inherited, ...own, SWEEP_SCHEDULE: 'off', LOG_LEVEL: 'error' };
  const startedAt = performance.now();
  const since = () => performance.now() - startedAt;
  const host = spawnChild({ script: hostScript, env, stopBy: 'disconnect', graceSeconds: 10 });
  resources.defer(() => host.stop());
  const { port } = z
    .object({ port: z.number() })
    .parse(await inTime(`${fileURLToPath(appUrl)} to be ready`, host.ready));
  const readyMs = since();
  const client = new StyleTransferClient({ baseUrl: `http://127.0.0.1:${port}` });
  const health = await fetch(`http://127.0.0.1:${port}/api/health`);
  if (!health.ok) throw new Error(`Expected a healthy app, for its cold start, received ${health.status}`);
  await health.text();
  const healthMs = since();
  await client.submit({ ...pictures, noCache: true });
  const jobMs = since();
  await host.stop();
  return { readyMs, healthMs, jobMs };
}

function medianStart(starts: readonly Start[]): Start {
  return {
    readyMs: median(starts.map(({ readyMs }) => readyMs)),
    healthMs: median(starts.map(({ healthMs }) => healthMs)),
    jobMs: median(starts.map(({ jobMs }) => jobMs)),
  };
}
