// A write whose answer gets lost on its way, or is an error: carried out by the storage all the same, unknown to us, and
// sent again by the SDK.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { type Fault, type FaultProxy, type StorageCall, startFaultProxy } from '../testing/fault-proxy.ts';
import { someJob } from '../testing/fixtures.ts';
import { transition } from '../transition.ts';
import { connectStorage, createContainersAndQueue, type Storage } from './connect.ts';

const at = '2026-01-02T03:04:06.000Z';
let emulator: Emulator;
let proxy: FaultProxy;
let storage: Storage;
/** How many of the coming writes are carried out and then cut off before their answer, or get `answer` in its place. */
let answersToLose = 0;
let answer: Fault = { kind: 'cut_after' };
let lost = 0;
let losing: 'PUT' | 'DELETE' = 'PUT';

before(async () => {
  emulator = await startAzurite();
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: emulator.connectionString });
  proxy = startFaultProxy({ connectionString: emulator.connectionString, rule: loseAnswers });
  storage = connectStorage({ STORAGE_CONNECTION_STRING: await proxy.open('test') });
});
after(async () => {
  await proxy.stop();
  await emulator.stop();
});

describe('a write whose answer is lost', () => {
  it('is recognised as our own when it was a creation', async () => {
    const job = someJob();
    answersToLose = 1;
    await storage.jobs.create(job);
    assert.equal(answersToLose, 0);
    assert.deepEqual((await storage.jobs.get(job.jobId))?.job, job);
  });

  it('is recognised as our own when it was a change, which is made once', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    answersToLose = 1;
    const before = lost;
    const claimed = await storage.jobs.update(job.jobId, (now) =>
      transition(now, { type: 'claimed', owner: 'me', at }),
    );
    assert.equal(lost, before + 1);
    assert.equal(claimed.attempt, 1);
    assert.deepEqual((await storage.jobs.get(job.jobId))?.job, claimed);
  });

  it('is recognised as our own when every try of it is answered with an error of the service', async (test) => {
    test.after(() => {
      answersToLose = 0;
      answer = { kind: 'cut_after' };
    });
    const job = someJob();
    answer = { kind: 'status', status: 500, applied: true };
    answersToLose = Number.POSITIVE_INFINITY;
    await storage.jobs.create(job);
    const claimed = await storage.jobs.update(job.jobId, (now) =>
      transition(now, { type: 'claimed', owner: 'me', at }),
    );
    assert.equal(claimed.attempt, 1);
    assert.deepEqual((await storage.jobs.get(job.jobId))?.job, claimed);
  });

  it('is recognised as our own when a job was deleted, and its note is not taken for the work of another', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    answersToLose = 1;
    assert.equal(await storage.jobs.delete(job.jobId, () => true), true);
    assert.equal(answersToLose, 0);
    await assert.rejects(storage.jobs.get(job.jobId), /was removed/);
  });

  it('is recognised as our own when it created or replaced a document', async () => {
    const { jobId } = someJob();
    const { reuse } = storage;
    answersToLose = 1;
    assert.equal(await reuse.create('picture', { jobId }), true);
    const { version } = (await reuse.get('picture')) ?? assert.fail('no document');
    answersToLose = 1;
    assert.equal(await reuse.replace('picture', { jobId: someJob().jobId }, version), true);
    assert.equal(answersToLose, 0);
    assert.equal(await reuse.create('picture', { jobId }), false, 'expected the work of another to be seen');
    assert.equal(await reuse.replace('picture', { jobId }, version), false);
  });

  it('is no failure when a document was deleted', async () => {
    await storage.reuse.create('gone', { jobId: someJob().jobId });
    const { version } = (await storage.reuse.get('gone')) ?? assert.fail('no document');
    answersToLose = 1;
    losing = 'DELETE';
    assert.equal(await storage.reuse.delete('gone', { version }), true);
    losing = 'PUT';
    assert.equal(answersToLose, 0);
    assert.equal(await storage.reuse.get('gone'), undefined);
  });

  it('does not hide that somebody else wrote', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    await assert.rejects(storage.jobs.create({ ...job, createdAt: at }), /found one/);
  });
});

function loseAnswers({ method }: StorageCall): Fault | undefined {
  if (method !== losing || answersToLose === 0) return undefined;
  answersToLose -= 1;
  lost += 1;
  return answer;
}
