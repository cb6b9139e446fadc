// Webhooks of the whole service: real processes, a real queue, real receivers on this machine.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type DeliveryView, deliveryListSchema, problemSchema, webhookPayloadSchema } from '@impasto/shared';
import { verifyWebhook } from '@impasto/shared/client';
import { until } from '@impasto/shared/testing';
import { Webhook } from 'standardwebhooks';
import { type HookAnswer, type HookReceiver, startHookReceiver } from './testing/hook-receiver.ts';
import { type RealStack, startRealStack } from './testing/real-stack.ts';

const secretOf = (letter: string) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`;
const [newSecret, oldSecret] = [secretOf('n'), secretOf('o')];
const settings = {
  POLLING_SECONDS: '0.2',
  MAX_REPLICAS: '1',
  COOLDOWN_SECONDS: '20',
  WEBHOOK_SECRETS: `${newSecret},${oldSecret}`,
};
const samples = new URL('../../../samples/', import.meta.url);

let folder: string;
let stack: RealStack;
let images: { content_image: string; style_image: string };
const receivers: HookReceiver[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-hooks-'));
  stack = await startRealStack(join(folder, 'data'), settings);
  const read = (name: string) => readFile(new URL(name, samples), 'base64');
  const [content_image, style_image] = await Promise.all([read('landscape.jpg'), read('style-waves.jpg')]);
  images = { content_image, style_image };
});
after(async () => {
  await stack.stop();
  for (const receiver of receivers) await receiver.stop();
  await rm(folder, { recursive: true });
});

async function receiver(...args: Parameters<typeof startHookReceiver>): Promise<HookReceiver> {
  const started = await startHookReceiver(...args);
  receivers.push(started);
  return started;
}

/** Answers in turn, the last one for all that follow. */
function inTurn(...answers: HookAnswer[]): () => HookAnswer {
  return () => (answers.length > 1 ? answers.shift() : answers[0]);
}

function post(path: string, body?: unknown): Promise<Response> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return fetch(`${stack.url}${path}`, { method: 'POST', ...(body !== undefined && json) });
}

async function submit(fields: Record<string, unknown>): Promise<string> {
  const answer = await post('/api/style-transfer', { ...images, max_side: 64, ...fields });
  const { job_id } = (await answer.json()) as { job_id: string };
  assert.equal(answer.status, 202);
  return job_id;
}

async function deliveriesOf(jobId: string): Promise<readonly DeliveryView[]> {
  const answer = await fetch(`${stack.url}/api/jobs/${jobId}/deliveries`);
  assert.equal(answer.status, 200);
  return deliveryListSchema.parse(await answer.json()).deliveries;
}

const deliveryIn = (jobId: string, state: string) =>
  until(
    `a delivery that is ${state}`,
    async () => (await deliveriesOf(jobId)).find((one) => one.state === state),
    60_000,
  );

describe('webhooks of the whole service', { concurrency: 4 }, () => {
  it('tell of the end once, signed with every secret, when the record shows it', async () => {
    let seen: unknown;
    const { url, hooks } = await receiver(async ({ body }) => {
      const { data } = JSON.parse(body);
      seen = await (await fetch(data.urls.status)).json();
      return { status: 204 };
    });
    const jobId = await submit({ webhook_url: url, metadata: { order: '7' }, no_cache: true });
    await deliveryIn(jobId, 'delivered');
    const [hook] = hooks;
    assert.ok(hook);
    assert.equal(hooks.length, 1);
    const headers = hook.headers as Record<string, string>;
    for (const secret of [newSecret, oldSecret]) {
      const payload = new Webhook(secret).verify(hook.body, headers);
      assert.deepEqual(await verifyWebhook({ ...hook, secrets: [secret] }), payload);
    }
    assert.throws(() => new Webhook(secretOf('x')).verify(hook.body, headers));
    const { type, data } = webhookPayloadSchema.parse(JSON.parse(hook.body));
    assert.deepEqual([type, data.job_id, data.metadata], ['job.completed', jobId, { order: '7' }]);
    assert.deepEqual([Object(seen).status, Object(seen).done], ['completed', true]);
    assert.equal((await fetch(data.urls.result)).status, 200);
    const trace = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
    assert.match(headers.traceparent ?? '', trace);
  });

  it('come again to who failed, and again to who asks for it, with the same id and bytes', async () => {
    const { url, hooks } = await receiver(inTurn({ status: 500 }, { status: 200 }));
    const jobId = await submit({ webhook_url: url });
    const { delivery_id, attempts, urls } = await deliveryIn(jobId, 'delivered');
    assert.deepEqual(
      attempts.map(({ http_status }) => http_status),
      [500, 200],
    );
    assert.equal(delivery_id, 'job.completed.0');
    const answers = await Promise.all([1, 2].map(() => fetch(urls.redeliver, { method: 'POST' })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202],
    );
    await until('the third call', () => hooks.length === 3, 60_000);
    await deliveryIn(jobId, 'delivered');
    assert.equal(new Set(hooks.map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.equal(new Set(hooks.map(({ body }) => body)).size, 1);
    for (const { body, headers } of hooks)
      new Webhook(newSecret).verify(body, headers as Record<string, string>);
  });

  it('stop where the receiver says so, and wait where it cannot be reached', async () => {
    const { url } = await receiver(inTurn({ status: 410 }));
    const gone = await submit({ webhook_url: url });
    const dead = await submit({ webhook_url: 'http://127.0.0.1:9/' });
    assert.equal((await deliveryIn(gone, 'disabled')).attempts.length, 1);
    const tried = await until(
      'two attempts',
      async () => (await deliveriesOf(dead)).find(({ attempts }) => attempts.length === 2),
      60_000,
    );
    assert.equal(tried.state, 'pending');
    assert.equal(tried.attempts[0]?.error, 'connection_refused');
    const minutes = (Date.parse(tried.next_attempt_at ?? '') - Date.now()) / 60_000;
    assert.ok(minutes > 3 && minutes < 6, `next attempt in ${minutes} min`);
  });

  it('tell of a cancel, where that is wanted', async () => {
    const { url, hooks } = await receiver(inTurn({ status: 200 }));
    const jobs = await Promise.all([1, 2, 3].map(() => submit({ webhook_url: url, max_side: 512 })));
    const last = jobs.at(-1) ?? '';
    assert.equal((await post(`/api/cancel/${last}`)).status, 200);
    await deliveryIn(last, 'delivered');
    const { status } = (await (await fetch(`${stack.url}/api/status/${last}`)).json()) as { status: string };
    const told = hooks.map(({ body }) => JSON.parse(body)).filter(({ data }) => data.job_id === last);
    assert.deepEqual(
      told.map(({ type }) => type),
      [`job.${status}`],
    );
  });

  it('go to no address inside', async () => {
    for (const url of [
      'http://169.254.169.254/',
      'https://10.0.0.1/',
      'http://example.com/',
      'ftp://a.example/',
    ]) {
      const answer = await post('/api/style-transfer', { ...images, webhook_url: url });
      const problem = problemSchema.parse(await answer.json());
      assert.deepEqual([answer.status, problem.code], [422, 'webhook_url_forbidden']);
      assert.equal(problem.errors?.[0]?.pointer, '/webhook_url');
    }
  });
});

describe('the logs of the whole service', () => {
  it('hold neither a secret nor what may be one in an address', async () => {
    const logs = join(folder, 'data/logs');
    const texts = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')));
    assert.match(texts.join('\n'), /webhook\.tried/);
    for (const canary of [newSecret, oldSecret, 'canary-token-9731'])
      assert.ok(!texts.some((text) => text.includes(canary)));
  });
});
