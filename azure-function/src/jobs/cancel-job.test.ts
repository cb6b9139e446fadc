import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  type Job,
  type JobEvent,
  makeLogger,
  noticeSchema,
  type StatusView,
  silentLogger,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someJob } from '@impasto/shared/testing';
import { invoke, problemOf } from '../testing/invoke.ts';
import {
  addJob,
  at,
  claim,
  claimed,
  completedWith,
  failed,
  type Ports,
  resultOf,
} from '../testing/job-scene.ts';
import { makeTestViews } from '../testing/views.ts';
import { cancelJob, makeCancelJob } from './cancel-job.ts';

/** A job whose receiver wants to know of every end. */
async function setUp(...events: JobEvent[]) {
  const ports = makeMemoryPorts();
  const webhook = {
    url: 'https://receiver.example/',
    events: ['job.completed', 'job.canceled', 'job.failed'],
    origin: 'http://localhost:7071',
  } satisfies Job['webhook'];
  const job = await addJob(ports, events, { ...someJob(), webhook });
  const handler = makeCancelJob({ ...ports, ...makeTestViews(ports) });
  const cancel = () =>
    invoke(handler, { method: 'POST', path: '/api/cancel/x', params: { job_id: job.jobId } });
  return { ports, job, cancel };
}

async function noticesIn({ notices }: Ports): Promise<string[]> {
  const waiting = await notices.peek();
  return waiting.map(({ text }) => noticeSchema.parse(JSON.parse(text)).event);
}

describe('canceling', () => {
  it('ends a job that waits, and tells its receiver once, however often it is asked', async () => {
    const { ports, cancel, job } = await setUp();
    for (let times = 0; times < 3; times += 1) {
      const { status, body } = await cancel();
      const view = body as StatusView;
      assert.deepEqual([status, view.job_id, view.status, view.done], [200, job.jobId, 'canceled', true]);
      assert.ok(view.completed_at && view.cancel_requested_at);
    }
    assert.deepEqual(await noticesIn(ports), ['job.canceled']);
  });

  it('asks a job that is being painted to stop; its worker ends it, and nobody is told before', async () => {
    const { ports, cancel } = await setUp(claimed);
    const first = (await cancel()).body as StatusView;
    const again = (await cancel()).body as StatusView;
    assert.deepEqual([first.status, first.phase, first.done], ['processing', 'canceling', false]);
    assert.equal(again.cancel_requested_at, first.cancel_requested_at);
    assert.deepEqual(await noticesIn(ports), []);
  });

  it('gives a finished job back as it is, and writes nothing', async () => {
    const base = someJob();
    for (const end of [completedWith(resultOf(base)), failed]) {
      const { ports, cancel, job } = await setUp(claimed, end);
      const before = await ports.jobs.get(job.jobId);
      const { status, body } = await cancel();
      assert.deepEqual([status, (body as StatusView).status], [200, job.status]);
      assert.deepEqual((await ports.jobs.get(job.jobId))?.version, before?.version);
      assert.deepEqual(await noticesIn(ports), []);
    }
  });

  it('loses to a worker that writes its picture first, and wins against one that comes later', async () => {
    const { ports, job } = await setUp(claimed);
    const done = completedWith(resultOf(job));
    const racing = {
      update: async (...[jobId, change, options]: Parameters<Ports['jobs']['update']>) => {
        await ports.jobs.update(jobId, (now) => transition(now, done));
        return await ports.jobs.update(jobId, change, options);
      },
    };
    assert.equal((await cancelJob({ ...ports, jobs: racing }, job.jobId, silentLogger)).status, 'completed');

    const later = await setUp(claimed);
    await later.cancel();
    const stopped: JobEvent = { type: 'stopped', claim, at, phase: 'stylizing', processingSeconds: 2 };
    for (const event of [stopped, done])
      await later.ports.jobs.update(later.job.jobId, (now) => transition(now, event));
    const view = (await later.cancel()).body as StatusView;
    assert.deepEqual([view.status, view.stopped], ['canceled', { phase: 'stylizing', processing_time: 2 }]);
  });

  it('does not fail when its receiver cannot be told now, and says so in the log', async () => {
    const { ports, job } = await setUp();
    const notices = {
      ...ports.notices,
      send: async () => {
        throw new Error('no queue');
      },
    };
    const lines: string[] = [];
    const log = makeLogger({ level: 'info', write: (line) => lines.push(line) });
    assert.equal((await cancelJob({ ...ports, notices }, job.jobId, log)).status, 'canceled');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /job\.announce_failed.*no queue/);
  });

  it('knows nothing of other ids, and says of a job that was removed when that was', async () => {
    const { ports, job, cancel } = await setUp();
    const handler = makeCancelJob({ ...ports, ...makeTestViews(ports) });
    for (const id of [randomUUID(), 'x']) {
      const answer = await invoke(handler, { method: 'POST', path: '/api/cancel/x', params: { job_id: id } });
      assert.deepEqual([answer.status, problemOf(answer).code], [404, 'job_not_found']);
    }
    await ports.jobs.delete(job.jobId, () => true);
    const gone = await cancel();
    assert.deepEqual([gone.status, problemOf(gone).code], [410, 'job_gone']);
    assert.ok(problemOf(gone).gone_at);
  });

  it('knows nothing of a job whose caller was told that it was not taken', async () => {
    const { ports, job, cancel } = await setUp();
    await ports.jobs.update(job.jobId, (now) => ({ ...now, withdrawn: true }));
    assert.equal((await cancel()).status, 404);
    await assert.rejects(cancelJob(ports, job.jobId, silentLogger), { code: 'job_not_found' });
  });
});
