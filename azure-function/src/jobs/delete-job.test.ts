import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { type DeliveryRecord, type Job, type JobStore, recordFailedJob, transition } from '@impasto/shared';
import { makeMemoryPorts, someJob } from '@impasto/shared/testing';
import { invoke, problemOf } from '../testing/invoke.ts';
import { addJob, at, claimed, completedWith, failed, type Ports, resultOf } from '../testing/job-scene.ts';
import { makeTestViews } from '../testing/views.ts';
import { makeDeleteJob } from './delete-job.ts';
import { removeTraces } from './remove-job.ts';

function deliveryOf({ jobId }: Job): DeliveryRecord {
  const counts = { round: 0, triesInRound: 1 };
  const event = 'job.failed';
  return { jobId, deliveryId: `${event}.0`, event, at, state: 'delivered', attempts: [], ...counts };
}

async function tell({ deliveries }: Ports, job: Job): Promise<void> {
  const delivery = deliveryOf(job);
  await deliveries.create(`${job.jobId}/${delivery.deliveryId}`, delivery);
}

function remover(ports: Ports, jobs: JobStore = ports.jobs) {
  const handler = makeDeleteJob({ ...ports, ...makeTestViews({ ...ports, jobs }), jobs });
  return (jobId: string) =>
    invoke(handler, { method: 'DELETE', path: '/api/jobs/x', params: { job_id: jobId } });
}

/** The names of everything that there is. */
async function namesIn(ports: Ports): Promise<string[]> {
  const letters = (await ports.deadLetters.list({ limit: 100 })).letters.map(({ name }) => name);
  return [...ports.images.keys(), ...ports.deliveries.names(), ...ports.jobIndex.names(), ...letters];
}

describe('deleting a job', () => {
  it('removes it with its pictures, dead letters, deliveries and index entry, and nobody else’s', async () => {
    const ports = makeMemoryPorts();
    const other = await addJob(ports, []);
    await tell(ports, other);
    const kept = await namesIn(ports);
    const base = someJob();
    const done = await addJob(ports, [claimed, completedWith(resultOf(base))], base);
    const bad = await addJob(ports, [claimed, failed]);
    await recordFailedJob(ports.deadLetters, bad);
    for (const job of [done, bad]) {
      await tell(ports, job);
      const answer = await remover(ports)(job.jobId);
      assert.deepEqual([answer.status, answer.body], [204, undefined]);
    }
    assert.deepEqual(await namesIn(ports), kept);
    assert.ok(await ports.jobs.get(other.jobId));
  });

  it('leaves what the job shares with the others of its batch', async () => {
    const ports = makeMemoryPorts();
    const batchId = randomUUID();
    const inputs = { content: `inputs/${batchId}/content-0`, style: `inputs/${batchId}/style-0` };
    const job = await addJob(ports, [], { ...someJob(), inputs, batch: { id: batchId, index: 0 } });
    assert.equal((await remover(ports)(job.jobId)).status, 204);
    assert.deepEqual(ports.images.keys(), Object.values(inputs));
  });

  it('says afterwards that it is gone and since when, and of others that there is no such job', async () => {
    const ports = makeMemoryPorts();
    const { jobId } = await addJob(ports, []);
    const remove = remover(ports);
    await remove(jobId);
    const again = await remove(jobId);
    assert.deepEqual([again.status, problemOf(again).code], [410, 'job_gone']);
    assert.ok(Date.parse(problemOf(again).gone_at ?? '') > Date.now() - 60_000);
    for (const id of [randomUUID(), 'x']) assert.equal((await remove(id)).status, 404);
  });

  it('finishes, when it is asked again, what was cut off after the record', async () => {
    const ports = makeMemoryPorts();
    const job = await addJob(ports, [claimed, failed]);
    await ports.images.put(`results/${job.jobId}/1-a.png`, Buffer.from('never shown'), 'image/png');
    await recordFailedJob(ports.deadLetters, job);
    await tell(ports, job);
    const kept = ports.jobIndex.names();
    await ports.jobs.delete(job.jobId, () => true);
    const again = await remover(ports)(job.jobId);
    assert.deepEqual([again.status, problemOf(again).code], [410, 'job_gone']);
    // Its name begins with a date that nobody knows any more: a sweep finds it.
    assert.deepEqual(await namesIn(ports), kept);
  });

  it('removes one whose time is over, which nobody can see any more', async () => {
    const ports = makeMemoryPorts();
    const base = { ...someJob(), retentionHours: 1 };
    const job = await addJob(ports, [claimed, completedWith(resultOf(base))], base);
    const answer = await remover(ports)(job.jobId);
    assert.deepEqual([answer.status, problemOf(answer).code], [410, 'job_gone']);
    await assert.rejects(ports.jobs.get(job.jobId), { code: 'job_gone' });
    assert.deepEqual(ports.images.keys(), []);
  });

  it('takes the job from the worker that paints it', async () => {
    const ports = makeMemoryPorts();
    const { jobId } = await addJob(ports, [claimed]);
    assert.equal((await remover(ports)(jobId)).status, 204);
    const next = completedWith(resultOf({ jobId }));
    await assert.rejects(
      ports.jobs.update(jobId, (now) => transition(now, next)),
      { code: 'job_gone' },
    );
  });

  it('gets through between the writes of a worker', async () => {
    const ports = makeMemoryPorts();
    const { jobId } = await addJob(ports, [claimed]);
    let writes = 3;
    const busy: JobStore = {
      ...ports.jobs,
      delete: async (...args) => {
        writes -= 1;
        return writes >= 0 ? false : await ports.jobs.delete(...args);
      },
    };
    assert.equal((await remover(ports, busy)(jobId)).status, 204);
    writes = Number.POSITIVE_INFINITY;
    const { jobId: never } = await addJob(ports, [claimed]);
    assert.equal((await remover(ports, busy)(never)).status, 503);
  });

  it('twice at the same time is deleted once, and nobody hears of an error', async () => {
    const ports = makeMemoryPorts();
    const { jobId } = await addJob(ports, []);
    const remove = remover(ports);
    const answers = await Promise.all([remove(jobId), remove(jobId)]);
    for (const { status } of answers) assert.ok(status === 204 || status === 410, `${status}`);
  });

  it('keeps everything that belongs to it as long as its record cannot be removed', async () => {
    const ports = makeMemoryPorts();
    const { jobId } = await addJob(ports, []);
    const before = await namesIn(ports);
    const refuse = async () => Promise.reject(new Error('the storage went away'));
    assert.equal((await remover(ports, { ...ports.jobs, delete: refuse })(jobId)).status, 500);
    assert.deepEqual(await namesIn(ports), before);
  });

  it('tells no receiver', async () => {
    const ports = makeMemoryPorts();
    const webhook = { url: 'https://receiver.example/', events: ['job.canceled'], origin: 'http://x' };
    const { jobId } = await addJob(ports, [], { ...someJob(), webhook } as Job);
    await remover(ports)(jobId);
    assert.deepEqual(await ports.notices.peek(), []);
  });

  it('can be cut off anywhere after the record and be finished later', async () => {
    for (let allowed = 0; allowed < 6; allowed += 1) {
      const ports = makeMemoryPorts();
      const base = someJob();
      const job = await addJob(ports, [claimed, completedWith(resultOf(base))], base);
      await tell(ports, job);
      let left = allowed;
      const images = {
        ...ports.images,
        delete: async (key: string) => {
          left -= 1;
          if (left < 0) throw new Error('the process has ended');
          await ports.images.delete(key);
        },
      };
      await removeTraces({ ...ports, images }, job).catch(() => {});
      await removeTraces(ports, job);
      assert.deepEqual(await namesIn(ports), []);
    }
  });
});
