// Starts the worker once while its image is built, as the user that it will run as: on the CPU, since a builder has no
// GPU, and without a storage, which it does not need to load its model, paint its first small picture and stop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Where nobody listens. */
const nowhere = [
  ...['DefaultEndpointsProtocol=http', 'AccountName=devstoreaccount1', 'AccountKey=a2V5'],
  ...['BlobEndpoint=http://127.0.0.1:9/a', 'QueueEndpoint=http://127.0.0.1:9/a'],
].join(';');

const settings = { EXECUTION_PROVIDERS: 'cpu', STORAGE_CONNECTION_STRING: nowhere, LOG_LEVEL: 'info' };
const startedAt = performance.now();
const worker = spawn(process.execPath, ['worker/main.mjs'], {
  env: { ...process.env, ...settings },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const exited = once(worker, 'exit');
let isReady = false;
for await (const line of createInterface({ input: worker.stdout })) {
  if (!line.includes('worker.ready')) continue;
  isReady = true;
  console.log(`ready after ${Math.round(performance.now() - startedAt)} ms`);
  worker.kill('SIGTERM');
}
const [code] = await exited;
if (!isReady || code !== 0) {
  throw new Error(`Expected the worker to be ready and to end with 0, for this image, received code ${code}`);
}
