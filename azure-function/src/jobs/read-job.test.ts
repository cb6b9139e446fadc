import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { JobError } from '@impasto/shared';
import { makeMemoryPorts, someJob } from '@impasto/shared/testing';
import { addJob, claimed, completedWith, failed, resultOf } from '../testing/job-scene.ts';
import { makeReadJob } from './read-job.ts';

const retention = { retentionHours: 24, failedRetentionHours: 24e6 };

describe('reading a job', () => {
  it('gives it back with its version, whatever its state, while its time lasts', async () => {
    const ports = makeMemoryPorts();
    const read = makeReadJob(ports.jobs, retention);
    for (const events of [[], [claimed], [claimed, failed]]) {
      const job = await addJob(ports, events);
      const stored = await read(job.jobId);
      assert.deepEqual(stored.job, job);
      assert.ok(stored.version);
    }
  });

  it('says of one that is past its time when that was over, although it is still there', async () => {
    const ports = makeMemoryPorts();
    const base = { ...someJob(), retentionHours: 2 };
    const { jobId } = await addJob(ports, [claimed, completedWith(resultOf(base))], base);
    const reading = makeReadJob(ports.jobs, retention)(jobId);
    await assert.rejects(reading, (error) => {
      assert.ok(error instanceof JobError);
      assert.deepEqual([error.code, error.goneAt], ['job_gone', '2026-01-02T05:04:06.000Z']);
      return true;
    });
  });

  it('cannot tell one that was withdrawn from one that never was', async () => {
    const ports = makeMemoryPorts();
    const { jobId } = await addJob(ports, []);
    await ports.jobs.update(jobId, (now) => ({ ...now, withdrawn: true }));
    const read = makeReadJob(ports.jobs, retention);
    for (const id of [jobId, randomUUID()]) await assert.rejects(read(id), { code: 'job_not_found' });
  });
});
