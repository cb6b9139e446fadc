// What an operator sees of the service as the local stack runs it: GET /api/metrics, and what each sweep sends to Application
// Insights.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Job, messageFor, recordFailedJob, transition } from '@impasto/shared';
import {
  type FakeIngestion,
  parsePrometheus,
  sampleValue,
  someJob,
  startFakeIngestion,
  until,
} from '@impasto/shared/testing';
import { pngText } from './corpus/pictures.ts';
import { type Service, startService } from './corpus/service.ts';

let ingestion: FakeIngestion;
let service: Service;

before(async () => {
  ingestion = await startFakeIngestion();
  service = await startService({ SWEEP_SCHEDULE: '*/2 * * * * *', ...ingestion.environment });
});
after(async () => {
  await service.stop();
  await ingestion.stop();
});

async function addFailed(): Promise<Job> {
  const at = new Date().toISOString();
  const begun = transition(someJob(), { type: 'claimed', owner: 'a', at });
  const error = { code: 'image_corrupt', message: 'no picture', retryable: false };
  const job = transition(begun, { type: 'attempt_failed', claim: { owner: 'a', attempt: 1 }, error, at });
  await service.storage.jobs.create(job);
  await recordFailedJob(service.storage.deadLetters, job);
  return job;
}

async function readMetrics() {
  const response = await fetch(`http://127.0.0.1:${service.port}/api/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  return parsePrometheus(await response.text());
}

describe('the metrics of the local service', () => {
  it('show jobs by status and reason, the queue, and what came in', async () => {
    const { jobs, queue } = service.storage;
    const waiting = someJob();
    await jobs.create(waiting);
    await queue.send(messageFor(waiting));
    await addFailed();
    const body = JSON.stringify({ content_image: pngText, style_image: pngText });
    const headers = { 'Content-Type': 'application/json' };
    const sent = await fetch(`http://127.0.0.1:${service.port}/api/style-transfer`, {
      method: 'POST',
      headers,
      body,
    });
    assert.equal(sent.status, 202);
    const families = await until('a look at all of it', async () => {
      const seen = await readMetrics();
      // A submission is counted a moment after its answer.
      const counted = seen.has('impasto_submissions_total');
      return counted && sampleValue(seen, 'impasto_jobs', { status: 'queued' }) === 2 && seen;
    });
    const value = (name: string, labels?: Record<string, string>) => sampleValue(families, name, labels);
    assert.equal(value('impasto_jobs', { status: 'failed', reason: 'image_corrupt' }), 1);
    assert.equal(value('impasto_queue_depth', { queue: 'style-jobs' }), 2);
    // Nobody has made the queue of what is given up.
    assert.equal(value('impasto_poison_messages'), 0);
    assert.equal(value('impasto_dead_letters_open'), 1);
    assert.ok(value('impasto_queue_oldest_age') >= 0 && value('impasto_queue_oldest_age') < 60);
    assert.equal(value('impasto_submissions_total', { outcome: 'accepted', kind: 'job' }), 1);
  });

  it('are sent after each sweep, which writes them down, too; no secret is among them', async () => {
    const wanted = ['jobs', 'queue.depth', 'queue.oldest_age', 'dead_letters.open', 'poison_messages'];
    await until('the gauges at Application Insights', () => {
      const names = ingestion.metricNames();
      return wanted.every((name) => names.has(`impasto.${name}`));
    });
    const sent = ingestion.bodies.join();
    assert.match(sent, /impasto-function/);
    assert.ok(!sent.includes('AccountKey') && !sent.includes(service.connectionString));
    const line = service.lines.findLast((one) => one.includes('"service.observed"'));
    const { openLetters, depth } = JSON.parse(line ?? assert.fail('nothing was observed'));
    assert.deepEqual([typeof openLetters, typeof depth.jobs], ['number', 'number']);
  });
});
