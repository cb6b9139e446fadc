// The Functions host as a process: what it runs beside HTTP, and how it ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { it } from 'node:test';
import { QueueServiceClient } from '@azure/storage-queue';
import { until } from '@impasto/shared/testing';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { z } from 'zod';
import { spawnChild } from '../child.ts';

/** The host with one of the apps for tests. */
async function startHost(app: string, settings: Record<string, string> = {}) {
  const lines: string[] = [];
  const host = spawnChild({
    script: new URL('./main.ts', import.meta.url).href,
    env: {
      ...process.env,
      PORT: '0',
      FUNCTION_APP_URL: new URL(`../testing/${app}.ts`, import.meta.url).href,
      ...settings,
    },
    stopBy: 'disconnect',
    graceSeconds: 30,
    onLine: (line) => lines.push(line),
  });
  const { port } = z.object({ port: z.number() }).parse(await host.ready);
  return { port, lines, stop: () => host.stop() };
}

it('the host ends without waiting for the readers of event streams, who see that there was more to come', async () => {
  const host = await startHost('stream-app');
  const outgoing = request({ port: host.port, host: '127.0.0.1', path: '/api/frames' }).end();
  const [response] = await once(outgoing, 'response');
  await once(response, 'data');
  const broken = assert.rejects(once(response, 'end'), { code: 'ECONNRESET' });
  const startedMs = performance.now();
  await host.stop();
  // The host gives requests under way 8 seconds.
  assert.ok(performance.now() - startedMs < 6_000);
  await broken;
  assert.deepEqual(host.lines, []);
});

it('the host runs queue functions, with the storage of its environment', async () => {
  const emulator = await startAzurite();
  const queues = QueueServiceClient.fromConnectionString(emulator.connectionString);
  const queue = queues.getQueueClient('greetings');
  await queue.create();
  await queue.sendMessage(Buffer.from('hello').toString('base64'));
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString, QUEUE_NAME: 'not-there' };
  const host = await startHost('trigger-app', settings);
  await until('an empty queue', async () => (await queue.getProperties()).approximateMessagesCount === 0);
  await host.stop();
  await emulator.stop();
  assert.ok(
    host.lines.every((line) => line.includes('queue_missing')),
    host.lines.join('\n'),
  );
});
