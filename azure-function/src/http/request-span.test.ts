// The span of a request: of its own, or part of the one that the host has made.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { JobError, silentLogger, traceIdOf } from '@impasto/shared';
import { readSpans, startTracing, type Tracing } from '@impasto/shared/telemetry';
import { makeFunctionHandler, type RequestContext } from './respond.ts';

const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ofTheHost = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
const invocationId = '4f0c1a1e-0000-4000-8000-000000000001';

let folder: string;
let tracing: Tracing;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-request-span-'));
  const settings = { TRACE_FILE: join(folder, 'spans.jsonl') };
  tracing = await startTracing({ serviceName: 'test', instanceId: 'one', settings, log: silentLogger });
});
after(async () => {
  await tracing.stop();
  await rm(folder, { recursive: true });
});

/** @returns the last span that was written, and what the handler knew. */
async function request(traceParent: string | undefined, headers: Record<string, string>, error?: JobError) {
  let known: RequestContext | undefined;
  const handler = makeFunctionHandler('get-status', silentLogger, async (_request, context) => {
    known = context;
    if (error) throw error;
    return { status: 200 };
  });
  const url = 'http://localhost/api/status/a-job?include=none';
  const traceContext = traceParent === undefined ? {} : { traceContext: { traceParent } };
  await handler(
    new HttpRequest({ method: 'GET', url, headers }),
    new InvocationContext({ invocationId, ...traceContext }),
  );
  await tracing.flush();
  const span = readSpans(await readFile(join(folder, 'spans.jsonl'), 'utf8')).at(-1);
  assert.ok(span);
  return { span, traceparent: known?.traceparent ?? '' };
}

describe("a request's span", { concurrency: false }, () => {
  it("goes on with the caller's trace, and what follows goes on with it", async () => {
    const { span, traceparent } = await request(sent, { traceparent: sent });
    assert.deepEqual(
      [span.name, span.kind, span.parentId],
      ['GET /api/status/{job_id}', 'server', 'b7ad6b7169203331'],
    );
    assert.equal(traceparent, `00-${span.traceId}-${span.spanId}-01`);
    assert.equal(span.traceId, traceIdOf(sent));
  });

  it('is a part of the span that the host has made, where it has made one', async () => {
    for (const headers of [{ traceparent: sent }, {} as Record<string, string>]) {
      const { span } = await request(ofTheHost, headers);
      assert.deepEqual([span.kind, span.parentId], ['internal', '00f067aa0ba902b7']);
    }
  });

  it('begins a trace where nobody has', async () => {
    const { span } = await request(undefined, {});
    assert.deepEqual([span.kind, span.parentId], ['server', undefined]);
  });

  it('has failed where we have, and not where the caller has', async () => {
    const outage = await request(undefined, {}, new JobError('storage_unavailable', 'out'));
    assert.deepEqual(
      [outage.span.failed, outage.span.attributes['error.type']],
      [true, 'storage_unavailable'],
    );
    const mistake = await request(undefined, {}, new JobError('job_not_found', 'no such job'));
    assert.deepEqual(
      [mistake.span.failed, mistake.span.attributes['http.response.status_code']],
      [false, 404],
    );
  });
});
