// `impasto trace`: a job's spans as a waterfall, from a file.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { WrittenSpan } from '../telemetry/written-span.ts';
import { outcomeOf, startCli } from './scripted-cli.ts';

const jobId = '7e2720f8-acfb-4503-a164-ba2aa5b45671';
const [door, worker] = ['impasto-function', 'impasto-worker'];

type Facts = Partial<WrittenSpan> & Pick<WrittenSpan, 'spanId' | 'name' | 'startMs' | 'durationMs'>;
const span = (facts: Facts): WrittenSpan => ({
  ...{ traceId: 'a'.repeat(32), service: worker, kind: 'internal', failed: false, attributes: {}, links: [] },
  ...facts,
});

/** As they end, which is not the order in which they begin. */
const spans = [
  span({
    spanId: '2',
    parentId: '1',
    name: 'send style-jobs',
    service: door,
    startMs: 1_080,
    durationMs: 10,
  }),
  span({
    ...{ spanId: '1', parentId: 'of the caller', name: 'POST /api/style-transfer', service: door },
    ...{ kind: 'server', startMs: 1_000, durationMs: 100 },
    attributes: { 'http.response.status_code': 202, 'impasto.submission.outcome': 'accepted' },
  }),
  span({ spanId: '4', parentId: '3', name: 'fetch', startMs: 1_600, durationMs: 9.96 }),
  span({
    ...{ spanId: '5', parentId: '3', name: 'paint', startMs: 1_610, durationMs: 290, failed: true },
    attributes: { 'error.type': 'image_corrupt' },
  }),
  span({
    ...{
      spanId: '3',
      parentId: '2',
      name: 'process style-jobs',
      startMs: 1_600,
      durationMs: 400,
      failed: true,
    },
    attributes: {
      ...{ 'impasto.job.id': jobId, 'impasto.job.queue_wait_seconds': 0.5, 'impasto.job.attempt': 1 },
      ...{ 'impasto.job.outcome': 'failed', 'error.type': 'image_corrupt' },
    },
  }),
  span({ traceId: 'b'.repeat(32), spanId: '9', name: 'sweep', service: door, startMs: 1, durationMs: 1 }),
];

/** Of a batch whose worker died after the first part of its work. */
const ofBatch = [
  {
    spanId: 'c1',
    name: 'POST /api/style-transfer/batch',
    kind: 'server',
    service: door,
    startMs: 0,
    durationMs: 50,
  },
  { spanId: 'c3', parentId: 'c2', name: 'fetch', startMs: 80, durationMs: 20 },
].map((facts) => span({ ...facts, traceId: 'c'.repeat(32), attributes: { 'impasto.batch.id': 'a-batch' } }));

const waterfall = `trace ${'a'.repeat(32)}: 5 spans in 1000 ms
span                       start     took                                            service
POST /api/style-transfer  0.0 ms   100 ms  ████                                      function  202, accepted
  send style-jobs          80 ms    10 ms     █                                      function
    process style-jobs    600 ms   400 ms                          ████████████████  worker    FAILED waited 0.5 s, attempt 1, failed, (image_corrupt)
      fetch               600 ms  10.0 ms                          █                 worker
      paint               610 ms   290 ms                          ████████████      worker    FAILED (image_corrupt)
`;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-trace-'));
  await mkdir(join(folder, '.impasto', 'telemetry'), { recursive: true });
  const lines = [...spans, ...ofBatch].map((one) => `${JSON.stringify(one)}\n`).join('');
  await writeFile(join(folder, '.impasto', 'telemetry', 'spans.jsonl'), lines);
  await writeFile(join(folder, 'broken.jsonl'), `${lines}{"traceId":`);
});
after(() => rm(folder, { recursive: true }));

const impasto = (...args: string[]) => outcomeOf(startCli(args, folder));

describe('impasto trace', { concurrency: 2 }, () => {
  it('prints where the time of a job went, over all processes', async () => {
    const { code, stdout, stderr } = await impasto('trace', jobId);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, waterfall);
  });

  it('takes the id of a trace as well, and gives its spans as JSON', async () => {
    const { stdout } = await impasto('trace', 'b'.repeat(32), '--json');
    assert.deepEqual(JSON.parse(stdout), { traces: [{ trace_id: 'b'.repeat(32), spans: spans.slice(5) }] });
  });

  it('takes the id of a batch, and says of what is left of a dead worker that it is', async () => {
    const { stdout } = await impasto('trace', 'a-batch');
    const [title, , first, second] = stdout.split('\n');
    assert.match(title ?? '', /: 2 spans in 100 ms$/);
    assert.match(first ?? '', /^POST \/api\/style-transfer\/batch .* function *$/);
    assert.match(second ?? '', /^fetch .* worker +its parent never ended$/);
    assert.match((await impasto('trace', 'b'.repeat(32))).stdout, /: 1 span in 1\.0 ms$/m);
  });

  it('says what is missing: the job, the file, or the end of it', async () => {
    const unknown = await impasto('trace', 'no-such-job');
    assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
    assert.match(unknown.stderr, /received "no-such-job", which no span in \.impasto/);
    const missing = await impasto('trace', jobId, '--spans', 'nowhere.jsonl');
    assert.match(missing.stderr, /npm start -- --telemetry, for --spans, received ENOENT/);
    const broken = await impasto('trace', jobId, '--spans', 'broken.jsonl');
    assert.match(broken.stderr, /for line 9 of the span file/);
  });
});
