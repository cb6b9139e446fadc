// The Function app: configuration, adapters, handlers, registration. The only file that knows the platform's `app`.
import { app } from '@azure/functions';
import { makeLogger, parseEnvironment } from '@impasto/shared';
import { connectStorage } from '@impasto/shared/azure';
import { environmentSchema } from './config.ts';
import { makeGetHealth } from './get-health.ts';
import { makeGetIndex } from './get-index.ts';
import { makeGetResult } from './get-result.ts';
import { makeGetStatus } from './get-status.ts';
import { makeRefuseAddress } from './refuse-address.ts';
import { type Handler, makeFunctionHandler } from './respond.ts';
import { type RouteName, routes } from './routes.ts';
import { makeSubmitJob } from './submit-job.ts';

const config = parseEnvironment(environmentSchema, process.env);
const log = makeLogger({ level: config.LOG_LEVEL, bindings: { app: 'azure-function' } });
const storage = connectStorage(config);

const handlers: Record<RouteName, Handler> = {
  'submit-job': makeSubmitJob({
    ...storage,
    models: config.MODELS,
    maxReplicas: config.MAX_REPLICAS,
    assumedColdStart: config.COLD_START_SECONDS,
  }),
  'get-status': makeGetStatus(storage),
  'get-result': makeGetResult(storage),
  'get-health': makeGetHealth(storage),
  'get-index': makeGetIndex(config.MODELS),
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
