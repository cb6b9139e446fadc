// The Function app: configuration, adapters, handlers, registration. The only file that knows the platform's `app`.
import { randomUUID } from 'node:crypto';
import { app } from '@azure/functions';
import { makeLogger, parseEnvironment } from '@impasto/shared';
import { connectStorage, webhookQueueName } from '@impasto/shared/azure';
import { startTracing } from '@impasto/shared/telemetry';
import { makeBatches } from './batch/make-batches.ts';
import { withCircuit } from './circuit.ts';
import { environmentSchema, retentionSettings, sweepSettings } from './config.ts';
import { makePurgeDeadLetter, makePurgeDeadLetters } from './dead-letters/purge-letters.ts';
import { makeGetDeadLetter, makeListDeadLetters } from './dead-letters/read-letters.ts';
import { makeReplayDeadLetter, makeReplayDeadLetters } from './dead-letters/replay-letters.ts';
import { makeGetDocs } from './describe/get-docs.ts';
import { makeGetLimits } from './describe/get-limits.ts';
import { makeGetOpenapi } from './describe/get-openapi.ts';
import { makeGetHealth } from './get-health.ts';
import { makeGetIndex } from './get-index.ts';
import { makeRefuseAddress } from './http/refuse-address.ts';
import { type Handler, makeFunctionHandler } from './http/respond.ts';
import { methodsOfRoute, type RouteName, routes } from './http/routes.ts';
import { makeCancelJob } from './jobs/cancel-job.ts';
import { makeDeleteJob } from './jobs/delete-job.ts';
import { makeGetResult } from './jobs/get-result.ts';
import { makeGetStatus } from './jobs/get-status.ts';
import { makeViewJob } from './jobs/job-view.ts';
import { makeListJobs } from './jobs/list-jobs.ts';
import { makeReadJob } from './jobs/read-job.ts';
import { makeStatusEvents } from './jobs/status-events.ts';
import { countSubmissions } from './observe/count-submissions.ts';
import { makeFleet } from './observe/fleet.ts';
import { makeGetMetrics } from './observe/get-metrics.ts';
import { lookAtAll } from './observe/look-at-all.ts';
import { makeObserveSweep } from './observe/observe-sweep.ts';
import { makeTelemetry } from './observe/telemetry.ts';
import { makeIntake } from './submit/intake.ts';
import { makeSubmitJob } from './submit/submit-job.ts';
import { makeSweep } from './sweep/sweep.ts';
import { makeLookAround } from './waiting/look-around.ts';
import { makeOutlook } from './waiting/outlook.ts';
import { makePacedReads } from './waiting/paced-reads.ts';
import { makePlaces, mostWaiters } from './waiting/places.ts';
import { makeWaitForDone } from './waiting/wait-for-done.ts';
import { makeWebhooks } from './webhooks/make-webhooks.ts';

// Event streams arrive event by event, archives of any size leave as they are made; without it each answer is built whole.
app.setup({ enableHttpStream: true });

const config = parseEnvironment(environmentSchema, process.env);
const log = makeLogger({ level: config.LOG_LEVEL, bindings: { app: 'azure-function' } });
const telemetrySettings = {
  serviceName: 'impasto-function',
  instanceId: randomUUID(),
  settings: config,
  log,
};
const tracing = startTracing(telemetrySettings);
// The platform calls no function before this is done.
app.hook.appStart(async () => void (await tracing));
const connected = connectStorage(config);
const { queue, notices, poison, sweeping: _sweeping, ...blobs } = connected;
// Two services, two circuits: one may fail while the other is well.
const storage = {
  ...withCircuit({ queue, notices, poison }, 'queue', log),
  ...withCircuit(blobs, 'blob', log),
};
const fleet = makeFleet(() => lookAtAll(storage));
const { telemetry, afterAnswer, end } = makeTelemetry(telemetrySettings, fleet);
// One hook for both: the platform calls hooks one after the other, and gives them five seconds together.
app.hook.appTerminate(async () => void (await Promise.all([(await tracing).stop(), end()])));
const retention = retentionSettings(config);
const readJob = makeReadJob(storage.jobs, retention);
const reads = makePacedReads(readJob);
// For waits of jobs and batches together.
const places = makePlaces(mostWaiters);
const waitForDone = makeWaitForDone({ readJob, reads, places });
const waiting = {
  maxReplicas: config.MAX_REPLICAS,
  assumedColdStart: config.COLD_START_SECONDS,
  lookAround: makeLookAround(storage),
};
const outlookOf = makeOutlook(waiting);
const viewJob = makeViewJob({ ...storage, retention, outlookOf, log });
const reading = { ...storage, readJob, viewJob, reads, waitForDone };
const getStatus = makeGetStatus(reading);
const webhooks = makeWebhooks(config, { ...reading, log });
const intake = makeIntake({ ...reading, ...waiting, retention, maxQueued: config.MAX_QUEUED });
const replaying = { ...reading, expiryHours: config.JOB_EXPIRY_HOURS };

const taking = {
  ...reading,
  ...waiting,
  ...intake,
  retention,
  models: config.MODELS,
  checkReceiver: webhooks.checkReceiver,
  resolveReceiver: webhooks.resolveReceiver,
  expiryHours: config.JOB_EXPIRY_HOURS,
};
const batches = makeBatches({ ...taking, places });

const handlers: Record<RouteName, Handler> = {
  'submit-job': countSubmissions('job', afterAnswer, makeSubmitJob(taking)),
  'submit-batch': countSubmissions('batch', afterAnswer, batches.submitBatch),
  'get-batch': batches.getBatch,
  'delete-batch': batches.deleteBatch,
  'cancel-batch': batches.cancelBatch,
  'batch-results': batches.batchResults,
  'get-status': getStatus,
  'get-job': getStatus,
  'status-events': makeStatusEvents(reading),
  'get-result': makeGetResult(reading),
  'cancel-job': makeCancelJob(reading),
  'list-jobs': makeListJobs(reading),
  'delete-job': makeDeleteJob(reading),
  'list-deliveries': webhooks.listDeliveries,
  redeliver: webhooks.redeliver,
  'get-health': makeGetHealth(storage),
  'get-metrics': makeGetMetrics({ fleet, telemetry }),
  'get-index': makeGetIndex(config.MODELS.map(({ name }) => name)),
  'get-limits': makeGetLimits({
    models: config.MODELS,
    max_queued: config.MAX_QUEUED,
    webhooks_enabled: config.WEBHOOK_SECRETS !== undefined,
  }),
  'get-openapi': makeGetOpenapi(),
  'get-docs': makeGetDocs(),
  'list-dead-letters': makeListDeadLetters(storage),
  'get-dead-letter': makeGetDeadLetter(storage),
  'replay-dead-letter': makeReplayDeadLetter(replaying),
  'replay-dead-letters': makeReplayDeadLetters(replaying),
  'purge-dead-letter': makePurgeDeadLetter(storage),
  'purge-dead-letters': makePurgeDeadLetters(storage),
};

for (const route of routes) {
  const { name, path, authLevel } = route;
  const handler = makeFunctionHandler(name, log, handlers[name]);
  app.http(name, { methods: methodsOfRoute(route), route: path, authLevel, handler });
}

app.http('refuse-address', {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  route: '{*path}',
  authLevel: 'anonymous',
  handler: makeFunctionHandler('refuse-address', log, makeRefuseAddress()),
});

// Also where there are no secrets: messages may wait from a time when there were some. Of the connection the platform
// reads JOB_STORAGE or JOB_STORAGE__queueServiceUri.
app.storageQueue('deliver-webhook', {
  queueName: webhookQueueName,
  connection: 'JOB_STORAGE',
  handler: (message, { triggerMetadata }) =>
    webhooks.deliverWebhook(message, Number(triggerMetadata?.dequeueCount ?? 1)),
});

if (config.SWEEP_SCHEDULE !== 'off') {
  const observe = makeObserveSweep({ ...connected, fleet, telemetry, log });
  const sweep = makeSweep({ ...connected, settings: sweepSettings(config), observe, log });
  app.timer('sweep', { schedule: config.SWEEP_SCHEDULE, handler: async () => void (await sweep()) });
}
