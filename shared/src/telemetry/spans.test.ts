// Spans with and without a provider, and what stands in the file that they are written to.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { JobError } from '../errors.ts';
import { jobMessageSchema } from '../job.ts';
import { makeLogger, silentLogger } from '../logger.ts';
import { makeMemoryJobQueue, someJob, until } from '../testing/index.ts';
import { parseTraceparent } from '../trace-context.ts';
import { addStages, inSpan, readSpans, sendJob, startTracing, type Tracing, traceparentOf } from './index.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = `00-${traceId}-b7ad6b7169203331-01`;
const facts = { serviceName: 'impasto-test', instanceId: 'one' };

describe('without a provider', () => {
  it('the trace goes on from process to process all the same', async () => {
    await startTracing({ ...facts, settings: {}, log: silentLogger });
    const ours = await inSpan('work', { parent }, async (span) => traceparentOf(span, parent));
    assert.equal(parseTraceparent(ours)?.traceId, traceId);
    assert.notEqual(ours, parent);
    const fresh = await inSpan('work', {}, async (span) => traceparentOf(span));
    assert.ok(parseTraceparent(fresh));
  });

  it('a message carries the line of its job, and an error is thrown on', async () => {
    const queue = makeMemoryJobQueue();
    const job = someJob();
    await sendJob(queue, job);
    const message = await queue.receive(30);
    assert.equal(jobMessageSchema.parse(JSON.parse(message?.text ?? '')).traceparent, job.traceparent);
    await assert.rejects(
      inSpan('work', {}, () => Promise.reject(new Error('as it was'))),
      /^Error: as it was$/,
    );
  });
});

describe('with a file for spans, a collector, and a place for them that does not answer', {
  concurrency: false,
}, () => {
  const lines: string[] = [];
  const collected: { path: string | undefined; body: unknown }[] = [];
  const collector = createHttpServer(async (request, response) => {
    collected.push({ path: request.url, body: await json(request) });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  let folder: string;
  let tracing: Tracing;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'impasto-spans-'));
    const settings = {
      TRACE_FILE: join(folder, 'deep', 'spans.jsonl'),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await listen(collector)}/`,
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=7f9f0c0b-1f3a-4f0e-8d8b-3e2d7a440a53;IngestionEndpoint=http://127.0.0.1:${await closedPort()}`,
    };
    const log = makeLogger({ write: (line) => lines.push(line) });
    tracing = await startTracing({ ...facts, settings, log });
  });
  after(async () => {
    await tracing.stop();
    collector.closeAllConnections();
    collector.close();
    await rm(folder, { recursive: true });
  });

  async function written(name: string) {
    return await until(`a span ${name}`, async () => {
      const text = await readFile(join(folder, 'deep', 'spans.jsonl'), 'utf8').catch(() => '');
      return readSpans(text).find((span) => span.name === name);
    });
  }

  it('a span goes on with what another process has begun, and its children with it', async () => {
    const outer = await inSpan('outer', { parent, kind: 'consumer' }, async (span) => {
      await inSpan('inner', { attributes: { count: 2 } }, async () => {});
      return traceparentOf(span, parent);
    });
    const [above, below] = [await written('outer'), await written('inner')];
    assert.deepEqual([above.traceId, above.parentId, above.kind], [traceId, 'b7ad6b7169203331', 'consumer']);
    assert.deepEqual([below.traceId, below.parentId], [traceId, above.spanId]);
    assert.deepEqual([below.service, below.attributes], ['impasto-test', { count: 2 }]);
    assert.equal(outer, `00-${traceId}-${above.spanId}-01`);
  });

  it('what failed shows the kind of its error, and never its words', async () => {
    const secret = 'Expected a model, received "what the caller wrote"';
    await inSpan('refused', {}, () => Promise.reject(new JobError('unknown_model', secret))).catch(() => {});
    await inSpan('broken', {}, () => Promise.reject(new TypeError(secret))).catch(() => {});
    const [refused, broken] = [await written('refused'), await written('broken')];
    assert.deepEqual([refused.failed, refused.attributes], [true, { 'error.type': 'unknown_model' }]);
    assert.deepEqual([broken.failed, broken.attributes], [true, { 'error.type': 'TypeError' }]);
    assert.doesNotMatch(JSON.stringify([refused, broken]), /what the caller wrote/);
  });

  it('stages that were timed elsewhere stand one after the other below their span', async () => {
    await inSpan('paint', {}, async () =>
      addStages(1_000_000, [
        { name: 'first', ms: 20 },
        { name: 'second', ms: 5.5 },
      ]),
    );
    const [paint, first, second] = [await written('paint'), await written('first'), await written('second')];
    assert.deepEqual([first.parentId, second.parentId], [paint.spanId, paint.spanId]);
    assert.deepEqual([first.startMs, first.durationMs], [1_000_000, 20]);
    assert.deepEqual([second.startMs, second.durationMs], [1_000_020, 5.5]);
  });

  it('a message sent again belongs to the trace of its job, with a link to who sent it', async () => {
    const queue = makeMemoryJobQueue();
    const job = { ...someJob(), traceparent: parent };
    const sweep = await inSpan('sweep', {}, async (span) => {
      await sendJob(queue, job);
      return span.spanContext().traceId;
    });
    const sent = await written('send style-jobs');
    assert.deepEqual([sent.traceId, sent.links, sent.kind], [traceId, [sweep], 'producer']);
    assert.equal(sent.attributes['impasto.job.id'], job.jobId);
    const message = await queue.receive(30);
    const { traceparent } = jobMessageSchema.parse(JSON.parse(message?.text ?? ''));
    assert.equal(traceparent, `00-${traceId}-${sent.spanId}-01`);
  });

  it('a trace that its caller does not keep is not kept here, and goes on as such', async () => {
    const unkept = parent.replace(/01$/, '00');
    const told = await inSpan('unkept', { parent: unkept }, async (span) => traceparentOf(span, unkept));
    assert.match(told, new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    assert.notEqual(told, unkept);
    await inSpan('after it', {}, async () => {});
    await written('after it');
    assert.doesNotMatch(await readFile(join(folder, 'deep', 'spans.jsonl'), 'utf8'), /unkept/);
  });

  it('a collector gets them over HTTP, with the name of the service', async () => {
    await inSpan('collected', {}, async () => {});
    const [first] = await until('a request', () => (collected.length > 0 ? collected : undefined));
    assert.equal(first?.path, '/v1/traces');
    assert.match(JSON.stringify(first?.body), /"service.name","value":\{"stringValue":"impasto-test"/);
  });

  it('the place that does not answer is named in the log once, and disturbs nobody', async () => {
    await until('a line about it', () => lines.length > 0, 30_000);
    await inSpan('later', {}, async () => {});
    await tracing.flush();
    await tracing.flush();
    assert.ok(await written('later'));
    const said = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      said.map(({ level, event, exporter }) => [level, event, exporter]),
      [['warn', 'telemetry.export_failed', 'azure_monitor']],
    );
    assert.match(said[0].error, /ECONNREFUSED/);
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
