// The worker: configuration, engine (loaded and warm), loop, signals, exit code.
// `--check` only looks whether it could start, and prints the models that it would offer as one JSON line.
import { randomUUID } from 'node:crypto';
import { makeLogger, messageOf, parseEnvironment } from '@impasto/shared';
import { connectStorage } from '@impasto/shared/azure';
import { type Config, engineSettings, environmentSchema } from './config.ts';
import { startEngine } from './engine/engine.ts';
import { openRegistry } from './engine/model/registry.ts';
import { makeOutageMemory } from './outage-memory.ts';
import { makeProcessMessage } from './process-message.ts';
import { makeReporter } from './reporter.ts';
import { stopSignals } from './stop-signals.ts';
import { runWorker } from './worker.ts';

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
  process.stdout.write(`${JSON.stringify({ models: models.names, executionProviders: [provider] })}\n`);
}

async function run(config: Config): Promise<void> {
  const workerId = randomUUID();
  const log = makeLogger({ level: config.LOG_LEVEL, bindings: { app: 'container-app', workerId } });
  const storage = connectStorage(config);
  const stopping = stopSignals(config.SHUTDOWN_SECONDS, log);
  const engine = await startEngine({
    settings: engineSettings(config),
    inferenceTimeoutSeconds: config.INFERENCE_TIMEOUT_SECONDS,
    log,
  });
  const { models, executionProvider } = engine.facts;
  const reporter = makeReporter(
    storage.workers,
    { workerId, model: models[0] ?? '', executionProvider },
    log,
  );
  reporter.ready();
  const leaseSeconds = config.LEASE_SECONDS;
  const patienceSeconds = config.OUTAGE_SECONDS;
  const outages = makeOutageMemory();
  const shared = { leaseSeconds, outages, log };
  const processMessage = makeProcessMessage({ ...storage, ...shared, engine, patienceSeconds });
  const pollSeconds = config.POLL_SECONDS;
  log.info('worker.ready');
  try {
    await runWorker({ ...shared, queue: storage.queue, processMessage, reporter, pollSeconds }, stopping);
  } finally {
    await Promise.all([reporter.stop(), engine.stop()]);
  }
  log.info('worker.stopped');
  // A parent's channel and the SDK's idle connections would keep the process; everything of ours has ended.
  process.exit(0);
}
