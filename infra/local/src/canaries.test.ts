// What callers send, and what opens doors, in a whole run with everything logged and much going wrong: none of it stands in
// a log, a span or a figure.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findSecrets } from '@impasto/shared/check';
import { StyleTransferClient } from '@impasto/shared/client';
import { readSpans } from '@impasto/shared/telemetry';
import { until } from '@impasto/shared/testing';
import { type HookReceiver, startHookReceiver } from './testing/hook-receiver.ts';
import { type RealStack, startRealStack } from './testing/real-stack.ts';

const canary = {
  prompt: 'canary-prompt-5521',
  longPrompt: 'canary-long-prompt-6632',
  metadata: 'canary-metadata-7743',
  field: 'canary-field-8854',
  model: 'canary-model-9965',
  json: 'canary-json-1076',
  path: 'canary-path-2187',
  query: 'canary-query-3298',
  functionKey: 'canary-function-key-5410',
  code: 'canary-code-6521',
  idempotencyKey: 'canary-idempotency-7632',
  trailing: 'canary-trailing-8743',
};
/** The host notes which of our addresses were asked for, as any host does: it is to stand in its log and nowhere else. */
const address = 'canary-address-4309';
const webhookSecret = Buffer.from('canary-webhook-secret-of-32-bytes').toString('base64');
const samples = new URL('../../../samples/', import.meta.url);
const settings = {
  ...{ POLLING_SECONDS: '0.2', MAX_REPLICAS: '1', COOLDOWN_SECONDS: '20' },
  ...{ LOG_LEVEL: 'debug', WEBHOOK_SECRETS: `whsec_${webhookSecret}` },
};

let folder: string;
let stack: RealStack;
let receiver: HookReceiver;
let images: { content_image: string; style_image: string };
let storageKey: string;
/** Every text that the run has left, by where it stands. */
const left = new Map<string, string>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-canaries-'));
  const read = (name: string) => readFile(new URL(name, samples), 'base64');
  const [content_image, style_image] = await Promise.all([read('landscape.jpg'), read('style-waves.jpg')]);
  images = { content_image, style_image };
  // Refuses at first, then breaks off, then takes it.
  const answers = [{ status: 500 }, undefined, { status: 204 }];
  receiver = await startHookReceiver(() => answers.shift());
  stack = await startRealStack(join(folder, 'data'), settings, ['--telemetry']);
  storageKey =
    /AccountKey=([^;"]+)/.exec(await readFile(join(folder, 'data', 'storage.env'), 'utf8'))?.[1] ?? '';
  await sendAll();
  await collect();
});
after(() => rm(folder, { recursive: true }));

async function send(body: unknown, path = '/api/style-transfer'): Promise<Response> {
  return await fetch(`${stack.url}${path}?code=${canary.code}`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'x-functions-key': canary.functionKey },
      ...{ 'idempotency-key': `${canary.idempotencyKey}-${Math.random()}`, baggage: `x=${canary.trailing}` },
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function sendAll(): Promise<void> {
  const job = {
    ...{ ...images, max_side: 64, additional_prompt: `very vibrant colors, ${canary.prompt}` },
    metadata: { album: canary.metadata },
    webhook_url: `${new URL(receiver.url).origin}/${canary.path}?token=${canary.query}`,
    webhook_events: ['job.started', 'job.completed', 'job.failed'],
  };
  const cut = images.content_image.slice(0, 12_000);
  const refused = [
    { ...job, additional_prompt: canary.longPrompt.repeat(200) },
    { ...job, [canary.field]: canary.field, influence: canary.field, webhook_url: `ftp://${canary.field}/` },
    { ...job, model: canary.model },
    { ...job, content_image: `${canary.field}${images.content_image}` },
    `{"content_image": "${canary.json}`,
  ];
  for (const body of refused) assert.equal(Math.floor((await send(body)).status / 100), 4);
  await fetch(`${stack.url}/api/${address}/${address}?x=${canary.query}`);
  await fetch(`${stack.url}/api/status/${address}`);
  const client = new StyleTransferClient({ baseUrl: stack.url });
  for (const [body, end] of [
    [job, 'completed'],
    [{ ...job, content_image: cut }, 'failed'],
  ] as const) {
    const answer = await send(body);
    assert.equal(answer.status, 202);
    const { job_id } = (await answer.json()) as { job_id: string };
    assert.equal((await client.wait(job_id)).status, end);
  }
  await until('the webhooks', () => receiver.hooks.length >= 3, 30_000);
}

/** What is left when everything has been stopped; the figures are asked for before. */
async function collect(): Promise<void> {
  const logs = join(folder, 'data', 'logs');
  const ports = [
    ...(await readFile(join(logs, 'worker-1.log'), 'utf8')).matchAll(/"health.listening".*"port":(\d+)/g),
  ];
  const addresses = [
    `${stack.url}/api/metrics`,
    ...ports.map(([, port]) => `http://127.0.0.1:${port}/metrics`),
  ];
  for (const place of addresses) left.set(place, await (await fetch(place)).text());
  assert.equal(await stack.stop(), 0);
  await receiver.stop();
  for (const name of await readdir(logs)) left.set(name, await readFile(join(logs, name), 'utf8'));
  left.set('spans', await readFile(join(folder, 'data', 'telemetry', 'spans.jsonl'), 'utf8'));
}

describe('logs, spans and figures of a run in which much went wrong', () => {
  it('tell of all of it', () => {
    const logged = [...left.values()].join('\n');
    for (const event of ['request', 'job.accepted', 'job.completed', 'job.failed', 'webhook.tried'])
      assert.match(logged, new RegExp(`"event":"${event}"`));
    assert.match(logged, /"level":"debug"/);
    const spans = readSpans(left.get('spans') ?? '');
    const codes = new Set(spans.map(({ attributes }) => attributes['http.response.status_code']));
    for (const code of [202, 400, 404, 500]) assert.ok(codes.has(code), `expected ${code} on a span`);
    const errors = new Set(spans.map(({ attributes }) => attributes['error.type']));
    for (const type of ['image_corrupt', 'reset', '500'])
      assert.ok(errors.has(type), `expected ${type} on a span`);
  });

  it('hold nothing that a caller sent, and nothing that opens a door', () => {
    assert.ok(storageKey.length > 40);
    const pictures = [0, 400, 4_000, 11_000].map((at) => images.content_image.slice(at, at + 32));
    const styles = [100, 2_000].map((at) => images.style_image.slice(at, at + 32));
    const secrets = [...Object.values(canary), webhookSecret, storageKey, ...pictures, ...styles];
    for (const [where, text] of left) {
      assert.ok(where.startsWith('http') || text !== '' || where === 'azurite.log', where);
      assert.deepEqual(
        findSecrets(text, where === 'function.log' ? secrets : [...secrets, address]),
        [],
        where,
      );
    }
  });
});
