import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Job, JobError, type JobStore, LeaseLost, transition } from '@impasto/shared';
import { someJob, until } from '@impasto/shared/testing';
import { CancelRequested, JobRemoved, watchRecord } from './record-watch.ts';

const at = '2026-01-02T03:04:06.000Z';
const claim = { owner: 'a', attempt: 1 };
const running = transition(someJob(), { type: 'claimed', owner: 'a', at });
const canceling = transition(running, { type: 'cancel_requested', at });

/** A watch on a record that answers as told. */
function startWatch(test: TestContext, read: () => Promise<Job | undefined>) {
  let looks = 0;
  const get: JobStore['get'] = async () => {
    looks += 1;
    const job = await read();
    return job && { job, version: '1', ageSeconds: 0 };
  };
  const watch = watchRecord({ get }, running.jobId, claim);
  test.after(() => watch.stop());
  return { watch, looks: () => looks };
}

const end = (watch: { ended: AbortSignal }) => until('the end', () => watch.ended.aborted);

describe('a watch on the record of a running job', () => {
  it('says that the job is to be canceled, or that it is another worker’s, whoever has seen it', (test) => {
    const others = transition(running, { type: 'claimed', owner: 'b', at });
    for (const [job, kind] of [[canceling, CancelRequested] as const, [others, LeaseLost] as const]) {
      const { watch } = startWatch(test, async () => running);
      watch.saw(running);
      assert.equal(watch.ended.aborted, false);
      watch.saw(job);
      assert.ok(watch.ended.reason instanceof kind);
    }
  });

  it('looks by itself where nobody else does, and goes on over a storage that is out', async (test) => {
    const answers = [async () => running, async () => Promise.reject(new Error('no answer'))];
    const { watch, looks } = startWatch(test, () => (answers.shift() ?? (async () => canceling))());
    await end(watch);
    assert.ok(watch.ended.reason instanceof CancelRequested);
    assert.equal(looks(), 3);
  });

  it('does not look while others do', async (test) => {
    const { watch, looks } = startWatch(test, async () => running);
    for (let count = 0; count < 25; count += 1) {
      watch.saw(running);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // One, where the machine kept this test waiting for so long.
    assert.ok(looks() <= 1, `${looks()} looks`);
  });

  it('says that the job was removed, found by itself or by others', async (test) => {
    const gone = new JobError('job_gone', 'removed', { goneAt: at });
    const { watch: told } = startWatch(test, async () => running);
    told.met(new JobError('storage_unavailable', 'no answer'));
    assert.equal(told.ended.aborted, false);
    told.met(gone);
    assert.ok(told.ended.reason instanceof JobRemoved);
    for (const read of [async () => undefined, async () => Promise.reject(gone)]) {
      const { watch } = startWatch(test, read);
      await end(watch);
      assert.ok(watch.ended.reason instanceof JobRemoved);
    }
  });

  it('says nothing once it was stopped', (test) => {
    const { watch } = startWatch(test, async () => running);
    watch.stop();
    watch.saw(canceling);
    assert.equal(watch.ended.aborted, false);
  });
});
