import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messageFor, silentLogger } from '@impasto/shared';
import { makeMemoryPorts, someJob } from '@impasto/shared/testing';
import { confirmed, makeAcceptJob } from './accept-job.ts';

const claim = {
  ...{ createdAt: someJob().createdAt, keyed: true, takenOver: false },
  release: async () => true,
  keep() {},
};

describe('taking a job in', () => {
  it('sends its message once more where that failed and another request was told of the job meanwhile', async () => {
    const ports = makeMemoryPorts();
    const job = someJob();
    let tries = 0;
    const send = async (text: string) => {
      tries += 1;
      if (tries > 1) return ports.queue.send(text);
      await ports.jobs.update(job.jobId, confirmed);
      throw new Error('the storage went away');
    };
    const taken = await makeAcceptJob({ ...ports, queue: { send } })(
      { job, images: [], claim },
      silentLogger,
    );
    assert.deepEqual([taken.status, taken.confirmed], ['queued', true]);
    const texts = (await ports.queue.peek()).map(({ text }) => text);
    assert.deepEqual(texts, [messageFor(job)]);
  });

  it('leaves the job to a sweep where the second message does not get through either', async () => {
    const ports = makeMemoryPorts();
    const job = someJob();
    const send = async () => {
      await ports.jobs.update(job.jobId, confirmed);
      throw new Error('the storage went away');
    };
    const taken = await makeAcceptJob({ ...ports, queue: { send } })(
      { job, images: [], claim },
      silentLogger,
    );
    assert.deepEqual([taken.jobId, taken.status], [job.jobId, 'queued']);
  });
});
