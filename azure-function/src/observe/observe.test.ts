// From what is kept to what an operator reads: with ports in memory and the real SDK.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Job,
  JobError,
  type JobSummary,
  makeLogger,
  recordFailedJob,
  silentLogger,
} from '@impasto/shared';
import { countIn } from '@impasto/shared/telemetry';
import { makeMemoryPorts, parsePrometheus, sampleValue, someJob } from '@impasto/shared/testing';
import type { Handler } from '../http/respond.ts';
import { makeSweep } from '../sweep/sweep.ts';
import { failedAs } from '../testing/dead-letter-house.ts';
import { invoke } from '../testing/invoke.ts';
import { defaultSweepSettings as settings } from '../testing/sweep-settings.ts';
import { countSubmissions } from './count-submissions.ts';
import { type Fleet, makeFleet } from './fleet.ts';
import { makeGetMetrics } from './get-metrics.ts';
import { lookAtAll } from './look-at-all.ts';
import { makeObserveSweep } from './observe-sweep.ts';
import { makeTelemetry } from './telemetry.ts';

/** One for the process, as its provider of meters is. */
let currentFleet: Fleet | undefined;
const fleetOfTest = { current: () => currentFleet?.current() };
const { telemetry } = makeTelemetry(
  { serviceName: 'impasto-test', instanceId: 'one', settings: {}, log: silentLogger },
  fleetOfTest,
);

function setUp() {
  const ports = makeMemoryPorts();
  const fleet = makeFleet(() => lookAtAll(ports));
  currentFleet = fleet;
  const getMetrics = makeGetMetrics({ fleet, telemetry });
  const read = async () => {
    const { body, headers } = await invoke(getMetrics, { path: '/api/metrics' });
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    return parsePrometheus(String(body));
  };
  async function fail(code: 'model_failed' | 'image_corrupt'): Promise<Job> {
    const job = failedAs(someJob(), code);
    await ports.jobs.create(job);
    await recordFailedJob(ports.deadLetters, job);
    return job;
  }
  return { ...ports, fleet, read, fail };
}

describe('GET /api/metrics', () => {
  it('shows jobs by status and reason, queues, letters and workers', async () => {
    const house = setUp();
    await house.jobs.create(someJob());
    await house.queue.send('a');
    await house.poison.send('b');
    await house.fail('model_failed');
    await house.fail('image_corrupt');
    await house.fail('image_corrupt');
    await house.workers.publish({
      ...{ workerId: 'w', state: 'busy', model: 'impasto-v1', executionProvider: 'cuda' },
      ...{ recentJobSeconds: [], modelLoadSeconds: 3.5, stageSeconds: { stylize: countIn(undefined, 0.3) } },
    });
    const families = await house.read();
    const value = (name: string, labels?: Record<string, string>) => sampleValue(families, name, labels);
    assert.equal(value('impasto_jobs', { status: 'queued' }), 1);
    assert.equal(value('impasto_jobs', { status: 'failed', reason: 'image_corrupt' }), 2);
    assert.equal(value('impasto_jobs', { status: 'failed', reason: 'model_failed' }), 1);
    assert.equal(value('impasto_queue_depth', { queue: 'style-jobs' }), 1);
    assert.equal(value('impasto_queue_depth', { queue: 'webhooks' }), 0);
    assert.ok(value('impasto_queue_oldest_age', { queue: 'style-jobs' }) >= 0);
    assert.equal(value('impasto_poison_messages'), 1);
    assert.equal(value('impasto_dead_letters_open'), 3);
    assert.equal(value('impasto_replicas', { state: 'busy', execution_provider: 'cuda' }), 1);
    assert.equal(value('impasto_model_load_duration', { model: 'impasto-v1' }), 3.5);
    assert.equal(value('impasto_metrics_truncated'), 0);
    const stage = { stage: 'stylize', worker: 'w', execution_provider: 'cuda' };
    assert.equal(value('impasto_job_stage_duration_count', stage), 1);
    assert.equal(value('impasto_job_stage_duration_bucket', { ...stage, le: '0.25' }), 0);
  });

  it('looks at no more than 10,000 records, and says that there are more', async () => {
    const house = setUp();
    let listed = 0;
    const many = {
      ...house.jobs,
      async *list(): AsyncGenerator<JobSummary> {
        for (; ; listed += 1)
          yield { jobId: String(listed), status: 'completed', attempt: 1, replays: 0, ageSeconds: 1 };
      },
    };
    const seen = await lookAtAll({ ...house, jobs: many });
    assert.deepEqual([seen.truncated, listed], [true, 10_000]);
    assert.deepEqual(seen.jobs.find(({ status }) => status === 'completed')?.count, 10_000);
  });

  it('lists a storage that is slow in part', async () => {
    const house = setUp();
    for (let made = 0; made < 10; made += 1) await house.jobs.create(someJob());
    let asked = 0;
    // Each record takes a second.
    const seen = await lookAtAll(house, () => 1_000 * asked++);
    assert.equal(seen.truncated, true);
    assert.ok(seen.jobs.some(({ status, count }) => status === 'queued' && count > 0 && count < 10));
  });

  it('is refused where nobody can look', async () => {
    const fresh = () => Promise.reject(new JobError('storage_unavailable', 'down'));
    const answer = await invoke(makeGetMetrics({ fleet: { fresh }, telemetry }), { path: '/api/metrics' });
    assert.equal(answer.status, 503);
  });
});

describe('a sweep', () => {
  const observed = (lines: readonly string[]) =>
    lines
      .map((line) => JSON.parse(line) as { event: string })
      .filter(({ event }) => event === 'service.observed');

  it('shows what it has seen, sends it at once and writes it down', async () => {
    const house = setUp();
    await house.fail('model_failed');
    await house.jobs.create(someJob());
    const lines: string[] = [];
    const log = makeLogger({ write: (line) => lines.push(line) });
    let flushes = 0;
    const flushing = async () => ({
      flush: async () => {
        flushes += 1;
        assert.equal(house.fleet.current()?.openLetters, 1);
      },
    });
    const observe = makeObserveSweep({ ...house, telemetry: flushing, log });
    await makeSweep({ ...house, settings, observe, log })();
    const [line, ...more] = observed(lines);
    assert.deepEqual([more, flushes], [[], 1]);
    const { jobs, openLetters, depth } = line as unknown as Record<string, unknown>;
    assert.deepEqual([openLetters, depth], [1, { jobs: 0, webhooks: 0 }]);
    assert.deepEqual(jobs, {
      ...{ queued: 1, processing: 0, completed: 0, canceled: 0, expired: 0 },
      'failed:model_failed': 1,
    });
    // Nobody has to look again for it.
    assert.equal(sampleValue(await house.read(), 'impasto_jobs', { status: 'queued' }), 1);
  });

  it('shows nothing where another instance sweeps', async () => {
    const house = setUp();
    const observe = makeObserveSweep({ ...house, telemetry, log: silentLogger });
    const sweep = makeSweep({ ...house, settings, observe, log: silentLogger });
    await house.sweeping.tryRun(async () => assert.equal(await sweep(), undefined));
    assert.equal(house.fleet.current(), undefined);
  });

  it('repairs all the same where nobody can observe', async () => {
    const house = setUp();
    await house.jobs.create(failedAs(someJob(), 'model_failed'));
    const down = { countMessages: () => Promise.reject(new JobError('storage_unavailable', 'down')) };
    const lines: string[] = [];
    const log = makeLogger({ write: (line) => lines.push(line) });
    const observe = makeObserveSweep({ ...house, poison: down, telemetry, log });
    assert.deepEqual(await makeSweep({ ...house, settings, observe, log })(), { write_letter: 1 });
    assert.ok(lines.some((line) => line.includes('service.not_observed')));
    assert.equal(house.fleet.current(), undefined);
  });
});

describe('submissions', () => {
  it('are counted by what became of them; who waits for a job is not timed', async () => {
    setUp();
    const submit = (handler: Handler, headers = {}) =>
      invoke(countSubmissions('job', telemetry, handler), {
        method: 'POST',
        headers,
      });
    const answers = (status: number, more: object) => async () => ({ status, ...more });
    await submit(answers(202, { jsonBody: { cache: { hit: false } } }));
    await submit(answers(200, { jsonBody: { cache: { hit: false } } }), { Prefer: 'wait=5' });
    await submit(answers(200, { jsonBody: { cache: { hit: true } } }));
    await submit(answers(202, { jsonBody: {}, headers: { 'Idempotency-Replayed': 'true' } }));
    const full = () => Promise.reject(new JobError('queue_full', 'full'));
    assert.equal((await submit(full)).status, 429);
    const families = parsePrometheus(await (await telemetry()).text());
    const count = (outcome: string) =>
      sampleValue(families, 'impasto_submissions_total', { kind: 'job', outcome });
    assert.deepEqual(['accepted', 'reused', 'replayed', 'refused:queue_full'].map(count), [2, 1, 1, 1]);
    assert.equal(sampleValue(families, 'impasto_submission_duration_count', { kind: 'job' }), 4);
  });
});
