// One job, one trace: from the caller's request over the queue to the stored result and its webhook, in real processes.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StyleTransferClient } from '@impasto/shared/client';
import { readSpans, type WrittenSpan } from '@impasto/shared/telemetry';
import {
  type FakeIdentity,
  type FakeIngestion,
  startFakeIdentity,
  startFakeIngestion,
  until,
} from '@impasto/shared/testing';
import { type HookReceiver, startHookReceiver } from './testing/hook-receiver.ts';
import { type RealStack, startRealStack } from './testing/real-stack.ts';
import { marker } from './testing/report-sdk.ts';

const samples = new URL('../../../samples/', import.meta.url);
const reportSdk = new URL('./testing/report-sdk.ts', import.meta.url).href;
const quick = { POLLING_SECONDS: '0.2', MAX_REPLICAS: '1', COOLDOWN_SECONDS: '20' };
const watched = { ...quick, NODE_OPTIONS: `--import=${reportSdk}` };
const stages = ['decode', 'style_code', 'stylize', 'finish', 'encode'];
const traceIds = { painted: '0af7651916cd43dd8448eb211c80319c', broken: '4bf92f3577b34da6a3ce929d0e0e4736' };
const callerSpan = 'b7ad6b7169203331';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-tracing-'));
});
after(() => rm(folder, { recursive: true }));

async function submit(stack: RealStack, traceId: string, changes: Record<string, unknown> = {}) {
  const read = (name: string) => readFile(new URL(name, samples), 'base64');
  const [content_image, style_image] = await Promise.all([read('landscape.jpg'), read('style-waves.jpg')]);
  const answer = await fetch(`${stack.url}/api/style-transfer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${callerSpan}-01` },
    body: JSON.stringify({ content_image, style_image, max_side: 64, ...changes }),
  });
  assert.equal(answer.status, 202);
  const { job_id } = (await answer.json()) as { job_id: string };
  return await new StyleTransferClient({ baseUrl: stack.url }).wait(job_id);
}

describe('a trace', { concurrency: false }, () => {
  const dataDir = () => join(folder, 'on');
  let stack: RealStack;
  let ingestion: FakeIngestion;
  let identity: FakeIdentity;
  let receiver: HookReceiver;
  let jobId: string;

  before(async () => {
    ingestion = await startFakeIngestion();
    identity = await startFakeIdentity();
    receiver = await startHookReceiver(() => ({ status: 204 }));
    const settings = {
      ...watched,
      ...ingestion.environment,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=the-identity-of-the-app;Authorization=AAD',
      ...identity.environment,
    };
    stack = await startRealStack(dataDir(), settings, ['--telemetry']);
    const webhook = { webhook_url: receiver.url, webhook_events: ['job.completed'] };
    const painted = await submit(stack, traceIds.painted, webhook);
    assert.equal(painted.status, 'completed');
    jobId = painted.job_id;
    const cut = (await readFile(new URL('landscape.jpg', samples))).subarray(0, 9_000).toString('base64');
    assert.equal((await submit(stack, traceIds.broken, { content_image: cut })).status, 'failed');
    await until('the webhook', () => receiver.hooks.length > 0, 20_000);
  });
  after(async () => {
    await stack.stop();
    await Promise.all([ingestion.stop(), identity.stop(), receiver.stop()]);
  });

  /** The spans of a trace, once this one is among them. */
  async function spansOf(traceId: string, last: string): Promise<WrittenSpan[]> {
    return await until(`a span ${last}`, async () => {
      const text = await readFile(join(dataDir(), 'telemetry', 'spans.jsonl'), 'utf8');
      const spans = readSpans(text).filter((span) => span.traceId === traceId);
      return spans.some(({ name }) => name === last) ? spans : undefined;
    });
  }

  function pathsOf(spans: readonly WrittenSpan[]): string[] {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const pathOf = (span: WrittenSpan): string => {
      const parent = byId.get(span.parentId ?? '');
      assert.ok(parent || span.parentId === callerSpan, `${span.name} has a parent that is nowhere`);
      return parent ? `${pathOf(parent)} > ${span.name}` : span.name;
    };
    return spans.map(pathOf).sort();
  }

  it("goes on with the caller's, and is one tree over both apps, queue and webhook", async () => {
    await spansOf(traceIds.painted, 'deliver webhook');
    const spans = await spansOf(traceIds.painted, 'process style-jobs');
    const worker = 'POST /api/style-transfer > send style-jobs > process style-jobs';
    assert.deepEqual(
      pathsOf(spans),
      [
        'POST /api/style-transfer',
        'POST /api/style-transfer > deliver webhook',
        'POST /api/style-transfer > send style-jobs',
        worker,
        ...['fetch', 'paint', 'store', 'commit'].map((name) => `${worker} > ${name}`),
        ...stages.map((name) => `${worker} > paint > ${name}`),
      ].sort(),
    );
    assert.deepEqual([...new Set(spans.map(({ failed }) => failed))], [false]);
    assert.deepEqual(
      new Set(spans.map(({ service }) => service)),
      new Set(['impasto-function', 'impasto-worker']),
    );
  });

  it('says of what kind each span is, and what became of the job', async () => {
    const spans = await spansOf(traceIds.painted, 'process style-jobs');
    const named = (name: string) => spans.find((span) => span.name === name);
    const kinds = [
      'POST /api/style-transfer',
      'send style-jobs',
      'process style-jobs',
      'deliver webhook',
      'paint',
    ];
    assert.deepEqual(
      kinds.map((name) => named(name)?.kind),
      ['server', 'producer', 'consumer', 'client', 'internal'],
    );
    assert.deepEqual(named('POST /api/style-transfer')?.attributes, {
      'http.request.method': 'POST',
      'http.route': '/api/style-transfer',
      'impasto.job.id': jobId,
      'impasto.submission.outcome': 'accepted',
      'http.response.status_code': 202,
    });
    const { 'impasto.job.queue_wait_seconds': waited, ...facts } =
      named('process style-jobs')?.attributes ?? {};
    assert.ok(typeof waited === 'number' && waited >= 0);
    assert.deepEqual(facts, {
      'messaging.system': 'azure_storage_queue',
      'messaging.destination.name': 'style-jobs',
      'messaging.operation.type': 'process',
      'impasto.message.deliveries': 1,
      'impasto.job.id': jobId,
      'impasto.job.attempt': 1,
      'impasto.job.outcome': 'completed',
    });
    assert.equal(
      receiver.hooks[0]?.headers.traceparent,
      `00-${traceIds.painted}-${named('deliver webhook')?.spanId}-01`,
    );
  });

  it('shows at which stage a job failed, and why', async () => {
    const spans = await spansOf(traceIds.broken, 'process style-jobs');
    pathsOf(spans);
    const failed = spans
      .filter((span) => span.failed)
      .map((span) => [span.name, span.attributes['error.type']]);
    assert.deepEqual(failed.sort(), [
      ['paint', 'image_corrupt'],
      ['process style-jobs', 'image_corrupt'],
    ]);
  });

  it('arrives at Application Insights under one operation id, from both apps', async () => {
    const arrived = () =>
      ingestion.envelopes().filter(({ tags }) => tags['ai.operation.id'] === traceIds.painted);
    const spans = await spansOf(traceIds.painted, 'deliver webhook');
    await until('every span there', () => arrived().length >= spans.length, 20_000);
    const named = (name: string) => arrived().find(({ data }) => data.baseData.name === name);
    const [door, worker] = [named('POST /api/style-transfer'), named('process style-jobs')];
    const sent = named('send style-jobs');
    assert.deepEqual(
      [door, sent, worker].map((envelope) => [envelope?.data.baseType, envelope?.tags['ai.cloud.role']]),
      [
        ['RequestData', 'impasto-function'],
        ['RemoteDependencyData', 'impasto-function'],
        ['RequestData', 'impasto-worker'],
      ],
    );
    assert.equal(worker?.tags['ai.operation.parentId'], sent?.data.baseData.id);
    assert.equal(sent?.tags['ai.operation.parentId'], door?.data.baseData.id);
  });

  it('is sent with the managed identity that the settings name', () => {
    assert.deepEqual([...ingestion.authorizations], [`Bearer ${identity.token}`]);
    const expected = { clientId: 'the-identity-of-the-app', resource: 'https://monitor.azure.com' };
    assert.ok(identity.asked.length >= 2);
    for (const one of identity.asked) assert.deepEqual(one, expected);
  });

  it('is the one that the log lines of both apps name', async () => {
    for (const name of ['function', 'worker-1']) {
      const text = await readFile(join(dataDir(), 'logs', `${name}.log`), 'utf8');
      assert.match(text, new RegExp(`"traceId":"${traceIds.painted}"`));
      assert.match(text, new RegExp(marker));
    }
  });
});

describe('without telemetry', () => {
  it('nothing that makes or sends spans is loaded by either app, and the trace is in the logs all the same', async () => {
    const stack = await startRealStack(join(folder, 'off'), watched);
    const painted = await submit(stack, traceIds.painted);
    assert.equal(painted.status, 'completed');
    assert.equal(await stack.stop(), 0);
    for (const name of ['function', 'worker-1']) {
      const text = await readFile(join(folder, 'off', 'logs', `${name}.log`), 'utf8');
      assert.match(text, new RegExp(`"traceId":"${traceIds.painted}"`));
      assert.doesNotMatch(text, new RegExp(marker));
    }
  });
});
