// S9: what the index says there is, is what the platform was told there is.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Emulator, startAzurite } from '@impasto/shared/testing/azurite';
import { httpTriggerOf } from '../functions-host/invoke.ts';
import type { FunctionApp } from '../functions-host/load-app.ts';
import { exchange, get } from './raw-http.ts';
import { type InProcessHost, loadFunctionApp, serveApp } from './service-in-process.ts';

let emulator: Emulator;
let app: FunctionApp;
let host: InProcessHost;

before(async () => {
  emulator = await startAzurite();
  app = await loadFunctionApp(emulator.connectionString);
  host = await serveApp(app, 60_000);
});
after(async () => {
  await host.stop();
  await emulator.stop();
});

/** `GET /api/status/{job_id}` and so on, of every function that HTTP triggers. */
function registered(): string[] {
  return app.functions.flatMap((one) => {
    const trigger = httpTriggerOf(one);
    const path = `/api/${trigger?.route}`.replace(/\/+$/, '');
    return (trigger?.methods ?? []).map((method) => `${method} ${path}`);
  });
}

it('S9: the index lists the registered routes, all of them and no others', async () => {
  const index: { routes: { method: string; path: string }[] } = JSON.parse(
    (await exchange(host.port, get('/api'))).body.toString(),
  );
  const listed = index.routes.map(({ method, path }) => `${method} ${path}`);
  const own = registered().filter((route) => !route.endsWith('{*path}'));
  assert.ok(own.length > 4);
  assert.deepEqual(listed.sort(), own.sort());
});

it('S9: whatever is not registered comes to the function that refuses', () => {
  const rest = registered().filter((route) => route.endsWith('{*path}'));
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    assert.ok(rest.includes(`${method} /api/{*path}`), method);
});
