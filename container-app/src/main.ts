// The worker: configuration, engine (loaded and warm), loop, signals, exit code.
// `--check` only looks whether it could start, and prints the models that it would offer as one JSON line.
import { randomUUID } from 'node:crypto';
import { type Job, JobError, type Logger, makeLogger, messageOf, parseEnvironment } from '@impasto/shared';
import { connectStorage, type Storage } from '@impasto/shared/azure';
import { countEvents, startMetrics, startTracing } from '@impasto/shared/telemetry';
import { type Config, engineSettings, environmentSchema } from './config.ts';
import { type Engine, EngineLost, startEngine } from './engine/engine.ts';
import { openRegistry } from './engine/model/registry.ts';
import { type HealthOptions, openHealthServer } from './health-server.ts';
import { makeOutageMemory } from './outage-memory.ts';
import { makeProcessMessage } from './process-message.ts';
import { makeReporter, type Reporter } from './reporter.ts';
import { type StopSignals, stopSignals } from './stop-signals.ts';
import { runWorker } from './worker.ts';
import { makeWorkerMeter, type WorkerMeter } from './worker-meter.ts';

// Whoever reads our log may be gone before we are; that must not end a job.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const config = parseEnvironment(environmentSchema, process.env);
  await (process.argv.includes('--check') ? check(config) : run(config));
} catch (error) {
  // Without the exit a channel to a parent would keep the process.
  process.stderr.write(`${messageOf(error)}\n`, () => process.exit(1));
}

async function check(config: Config): Promise<void> {
  const { modelSource: source, modelPath: path, executionProviders: providers } = engineSettings(config);
  const models = await openRegistry({ source, path, providers });
  const { provider } = await models.get();
  await models.dispose();
  process.stdout.write(
    `${JSON.stringify({ models: models.versionedNames, executionProviders: [provider] })}\n`,
  );
}

async function run(config: Config): Promise<void> {
  const workerId = randomUUID();
  const plainLog = makeLogger({ level: config.LOG_LEVEL, bindings: { app: 'container-app', workerId } });
  const telemetry = { serviceName: 'impasto-worker', instanceId: workerId, settings: config, log: plainLog };
  const [tracing, metrics] = await Promise.all([
    startTracing(telemetry),
    startMetrics({ ...telemetry, prometheus: config.HEALTH_PORT !== undefined }),
  ]);
  const meter = makeWorkerMeter();
  const log = countEvents(plainLog);
  const storage = connectStorage(config);
  const stopping = stopSignals(config.SHUTDOWN_SECONDS, log);
  let isWarm = false;
  const isReady = () => isWarm && !stopping.stop.aborted;
  // Before the model is loaded, which a probe may want to watch; a port that is taken ends the worker here.
  await listen(config, { isReady, metricsText: () => metrics.text(), log });
  const [executionProvider = ''] = config.EXECUTION_PROVIDERS;
  const reporter = makeReporter(storage.workers, { workerId, executionProvider }, log, meter.coldStart);
  const goodbye = (problem?: string) => Promise.all([reporter.stop(problem), metrics.stop(), tracing.stop()]);
  try {
    const engine = await startEngine({
      settings: engineSettings(config),
      inferenceTimeoutSeconds: config.INFERENCE_TIMEOUT_SECONDS,
      onStart(start) {
        meter.engineStarted(start);
        reporter.note({ modelLoadSeconds: start.seconds });
      },
      log,
    });
    isWarm = true;
    await work({ config, storage, engine, reporter, meter, stopping, log }).finally(() => engine.stop());
  } catch (error) {
    await goodbye(problemOf(error));
    throw error;
  }
  await goodbye();
  log.info('worker.stopped');
  // A parent's channel and the SDK's idle connections would keep the process; everything of ours has ended.
  process.exit(0);
}

async function listen(
  { HEALTH_PORT: port, HEALTH_HOST: host }: Config,
  options: Omit<HealthOptions, 'port' | 'host'>,
): Promise<void> {
  if (port !== undefined) await openHealthServer({ port, host, ...options });
}

interface Parts {
  readonly config: Config;
  readonly storage: Storage;
  readonly engine: Engine;
  readonly reporter: Reporter;
  readonly meter: WorkerMeter;
  readonly stopping: StopSignals;
  readonly log: Logger;
}

async function work({ config, storage, engine, reporter, meter, stopping, log }: Parts): Promise<void> {
  const { models, executionProvider } = engine.facts;
  reporter.ready({ model: models[0] ?? '', executionProvider });
  const leaseSeconds = config.LEASE_SECONDS;
  const patienceSeconds = config.OUTAGE_SECONDS;
  const outages = makeOutageMemory();
  const shared = { leaseSeconds, outages, log };
  const onEnded = (job: Job) => {
    meter.ended(job);
    reporter.note({ stageSeconds: meter.stageSeconds() });
  };
  const processMessage = makeProcessMessage({ ...storage, ...shared, engine, patienceSeconds, onEnded });
  const pollSeconds = config.POLL_SECONDS;
  log.info('worker.ready');
  const { queue } = storage;
  await runWorker({ ...shared, queue, processMessage, reporter, meter, pollSeconds }, stopping);
}

/** In a word that tells an operator where to look, and strangers nothing. */
function problemOf(error: unknown): string {
  if (error instanceof EngineLost) return 'engine_lost';
  return error instanceof JobError ? error.code : 'internal_error';
}
