// The deployed bundle of the Function app and its telemetry: what it loads late, when a setting asks for it, is in there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StyleTransferClient } from '@impasto/shared/client';
import { readSpans } from '@impasto/shared/telemetry';
import {
  type FakeIngestion,
  parsePrometheus,
  sampleValue,
  startFakeIngestion,
  until,
} from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { type Service, startService } from './corpus/service.ts';
import { type UnpackedPackage, unpackFunctionPackage } from './testing/function-package.ts';

let unpacked: UnpackedPackage;
let ingestion: FakeIngestion;
let service: Service;
let baseUrl: string;
let jobId: string;

const spanFile = () => join(unpacked.folder, '..', 'spans.jsonl');

before(async () => {
  [unpacked, ingestion] = await Promise.all([unpackFunctionPackage(), startFakeIngestion()]);
  service = await startService({
    FUNCTION_APP_URL: unpacked.url,
    SWEEP_SCHEDULE: '*/2 * * * * *',
    TRACE_FILE: spanFile(),
    ...ingestion.environment,
  });
  baseUrl = `http://127.0.0.1:${service.port}`;
  const picture = tinyPng(32, 24);
  const client = new StyleTransferClient({ baseUrl });
  const { job_id } = await client.submit({ contentImage: picture, styleImage: picture });
  jobId = job_id;
});
after(async () => {
  await service.stop();
  await Promise.all([unpacked.remove(), ingestion.stop()]);
});

describe('the unpacked package with telemetry', { concurrency: false }, () => {
  it('writes spans to a file', async () => {
    const door = await until('the span of the request', async () => {
      const spans = readSpans(await readFile(spanFile(), 'utf8').catch(() => ''));
      return spans.find(
        ({ name, attributes }) =>
          name === 'POST /api/style-transfer' && attributes['impasto.job.id'] === jobId,
      );
    });
    assert.deepEqual([door.service, door.kind], ['impasto-function', 'server']);
  });

  it('sends the same to Application Insights', async () => {
    const door = await until('the request there', () =>
      ingestion.envelopes().find(({ data }) => data.baseData.name === 'POST /api/style-transfer'),
    );
    assert.deepEqual([door.data.baseType, door.tags['ai.cloud.role']], ['RequestData', 'impasto-function']);
  });

  it('sends what a sweep has seen, and shows it to whoever asks', async () => {
    await until('the gauges there', () => ingestion.metricNames().has('impasto.queue.depth'), 20_000);
    const families = parsePrometheus(await (await fetch(`${baseUrl}/api/metrics`)).text());
    assert.equal(sampleValue(families, 'impasto_jobs', { status: 'queued' }), 1);
  });

  it('has nothing to say about its telemetry', () => {
    assert.deepEqual(
      service.lines.filter((line) => /"event":"telemetry\.|"service\.not_observed"/.test(line)),
      [],
    );
  });
});
