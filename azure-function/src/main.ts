// The Function app: configuration, adapters, handlers, registration. The only file that knows the platform's `app`.
import { app } from '@azure/functions';
import { makeLogger, parseEnvironment } from '@impasto/shared';
import { connectStorage } from '@impasto/shared/azure';
import { withCircuit } from './circuit.ts';
import { environmentSchema, sweepSettings } from './config.ts';
import { makePurgeDeadLetter, makePurgeDeadLetters } from './dead-letters/purge-letters.ts';
import { makeGetDeadLetter, makeListDeadLetters } from './dead-letters/read-letters.ts';
import { makeReplayDeadLetter, makeReplayDeadLetters } from './dead-letters/replay-letters.ts';
import { makeGetHealth } from './get-health.ts';
import { makeGetIndex } from './get-index.ts';
import { makeGetResult } from './get-result.ts';
import { makeGetStatus } from './get-status.ts';
import { makeRefuseAddress } from './refuse-address.ts';
import { type Handler, makeFunctionHandler } from './respond.ts';
import { type RouteName, routes } from './routes.ts';
import { makeSubmitJob } from './submit-job.ts';
import { makeSweep } from './sweep/sweep.ts';

const config = parseEnvironment(environmentSchema, process.env);
const log = makeLogger({ level: config.LOG_LEVEL, bindings: { app: 'azure-function' } });
const connected = connectStorage(config);
const { queue, sweeping: _sweeping, ...blobs } = connected;
// Two services, two circuits: one may fail while the other is well.
const storage = { ...withCircuit({ queue }, 'queue', log), ...withCircuit(blobs, 'blob', log) };
const replaying = { ...storage, expiryHours: config.JOB_EXPIRY_HOURS };

const handlers: Record<RouteName, Handler> = {
  'submit-job': makeSubmitJob({
    ...storage,
    models: config.MODELS,
    maxReplicas: config.MAX_REPLICAS,
    maxQueued: config.MAX_QUEUED,
    expiryHours: config.JOB_EXPIRY_HOURS,
    assumedColdStart: config.COLD_START_SECONDS,
  }),
  'get-status': makeGetStatus(storage),
  'get-result': makeGetResult(storage),
  'get-health': makeGetHealth(storage),
  'get-index': makeGetIndex(config.MODELS),
  'list-dead-letters': makeListDeadLetters(storage),
  'get-dead-letter': makeGetDeadLetter(storage),
  'replay-dead-letter': makeReplayDeadLetter(replaying),
  'replay-dead-letters': makeReplayDeadLetters(replaying),
  'purge-dead-letter': makePurgeDeadLetter(storage),
  'purge-dead-letters': makePurgeDeadLetters(storage),
};

for (const { name, method, path, authLevel } of routes) {
  const handler = makeFunctionHandler(name, log, handlers[name]);
  app.http(name, { methods: [method], route: path, authLevel, handler });
}

app.http('refuse-address', {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  route: '{*path}',
  authLevel: 'anonymous',
  handler: makeFunctionHandler('refuse-address', log, makeRefuseAddress()),
});

if (config.SWEEP_SCHEDULE !== 'off') {
  const sweep = makeSweep({ ...connected, settings: sweepSettings(config), log });
  app.timer('sweep', { schedule: config.SWEEP_SCHEDULE, handler: async () => void (await sweep()) });
}
