// The app in the test's own process, where a test needs the registrations or a less patient server.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@impasto/shared';
import { type FunctionApp, loadApp } from '../functions-host/load-app.ts';
import { makeFunctionsServer } from '../functions-host/server.ts';
import { functionAppUrl } from './service.ts';

/** The app with this storage; once per process. */
export function loadFunctionApp(connectionString: string): Promise<FunctionApp> {
  Object.assign(process.env, { STORAGE_CONNECTION_STRING: connectionString, LOG_LEVEL: 'error' });
  return loadApp(functionAppUrl, silentLogger);
}

export interface InProcessHost {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param requestTimeoutMs time for a whole request to arrive. */
export async function serveApp(app: FunctionApp, requestTimeoutMs: number): Promise<InProcessHost> {
  const options = { app, logger: silentLogger, maxBodyBytes: 1_000_000, requestTimeoutMs };
  const server: Server = makeFunctionsServer(options);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
