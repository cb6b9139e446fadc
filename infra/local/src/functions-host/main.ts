// The Functions host as a process: loads the app, listens on the loopback address, stops when its parent lets go.
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { makeLogger } from '@impasto/shared';
import { serveParent } from '../serve-parent.ts';
import { readConfig } from './config.ts';
import { trackEventStreams } from './event-streams.ts';
import { loadApp } from './load-app.ts';
import { readQueueOptions } from './queue-options.ts';
import { makeFunctionsServer } from './server.ts';
import { startTimers } from './timers.ts';

/** Time for requests and functions under way once the host has to stop. */
const drainMs = 8_000;
/** The platform looks into queues from a process of its own. Here the first caller would wait for the SDK to be loaded. */
const firstCallerMs = 500;

await serveParent(async () => {
  const config = readConfig();
  const logger = makeLogger({ level: config.LOG_LEVEL, bindings: { process: 'functions-host' } });
  const app = await loadApp(config.FUNCTION_APP_URL, logger);
  const options = await readQueueOptions(config.FUNCTION_APP_URL);
  const server = makeFunctionsServer({
    app,
    logger,
    maxBodyBytes: config.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT,
  });
  const cutEventStreams = trackEventStreams(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.PORT, '127.0.0.1', resolve);
  });
  const timers = startTimers({ app, logger });
  const connectionString = config.STORAGE_CONNECTION_STRING;
  const queues = delay(firstCallerMs)
    .then(() => import('./queue-triggers.ts'))
    .then(({ startQueueTriggers }) => startQueueTriggers({ app, logger, options, connectionString }));
  return {
    ready: { port: (server.address() as AddressInfo).port },
    stop: async () => {
      const deadline = delay(drainMs, undefined, { ref: false });
      void deadline.then(() => server.closeAllConnections());
      const drained = new Promise((resolve) => server.close(resolve));
      cutEventStreams();
      await Promise.all([
        drained,
        Promise.race([Promise.all([timers.stop(), queues.then((all) => all.stop())]), deadline]),
      ]);
      await app.terminate();
    },
  };
});
