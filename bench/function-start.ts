// The cold start of the Function app, which every caller waits for who comes after a pause: from the spawn of the
// Functions host to its first answers, with the bundle that is deployed and with the sources, in turn.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createContainersAndQueue } from '@impasto/shared/azure';
import { StyleTransferClient } from '@impasto/shared/client';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { z } from 'zod';
import { buildPackage } from '../azure-function/packaging/build-package.ts';
import { spawnChild } from '../infra/local/src/child.ts';
import { contentAt, styleImage } from './pictures.ts';
import { inTime } from './processes.ts';
import { makeTemporaryFolder } from './service.ts';
import { median } from './statistics.ts';

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
  const built = await buildPackage(await makeTemporaryFolder(resources));
  const bundleUrl = pathToFileURL(`${built.app}/main.cjs`).href;
  const emulator = resources.adopt(await startAzurite(), (azurite) => azurite.stop());
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: emulator.connectionString });
  const pictures = { contentImage: await contentAt(256), styleImage: await styleImage() };
  const start = (appUrl: string) => measureStart(appUrl, emulator.connectionString, pictures, resources);

  // The first of each brings the files into the system's memory and is not counted.
  await start(bundleUrl);
  await start(sourcesUrl);
  const bundle: Start[] = [];
  const sources: Start[] = [];
  for (let run = 0; run < runs; run += 1) {
    bundle.push(await start(bundleUrl));
    sources.push(await start(sourcesUrl));
  }
  await emulator.stop();
  const { bundleBytes, zipBytes } = built;
  const ratios = bundle.map(({ healthMs }, run) => healthMs / (sources[run]?.healthMs ?? Number.NaN));
  const bundleRuns = bundle.map(({ healthMs }) => healthMs);
  return {
    ...{ bundleBytes, zipBytes, bundleRuns },
    bundle: medianStart(bundle),
    sources: medianStart(sources),
    ratio: median(ratios),
  };
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
