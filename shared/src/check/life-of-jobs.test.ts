// What else becomes of jobs: copies, removals, batches, receivers, and what was foretold of their wait.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Job, type JobResult, thumbnailKeyOf } from '../job.ts';
import { someJob, someResult } from '../testing/fixtures.ts';
import { transition } from '../transition.ts';
import { compareWait } from './calibration.ts';
import { checkInvariants } from './check-invariants.ts';
import { makeMemoryWorld, tinyPng, type World } from './testing-world.ts';

const atRest = ({ storage, history }: World) => checkInvariants(storage, { history });
const at = '2026-01-02T03:05:00.000Z';
const webhook = {
  url: 'https://a.example/',
  origin: 'https://b.example',
  events: ['job.completed' as const],
};

async function noteThatItIsOver({ storage }: World, jobId: string): Promise<void> {
  await storage.jobs.update(jobId, (job) => ({ ...job, picturesRemovedAt: at }) as Job);
}

async function clearAway({ storage: { images, deadLetters } }: World, jobId: string): Promise<void> {
  for (const prefix of [`inputs/${jobId}/`, `results/${jobId}/`])
    for await (const { key } of images.list(prefix)) await images.delete(key);
  await deadLetters.delete(`${jobId}/0`);
}

describe('checkInvariants', () => {
  it('finds nothing wrong with a copy of a result, and counts it', async () => {
    const world = makeMemoryWorld();
    const { plain } = await world.fill();
    await world.reuse((await world.storage.jobs.get(plain.jobId))?.job ?? plain);
    const { violations, reused, executedMoreThanOnce } = await atRest(world);
    assert.deepEqual([violations, reused, executedMoreThanOnce], [[], 1, 1]);
    const quiet = makeMemoryWorld();
    const source = await quiet.submit();
    await quiet.reuse(await quiet.complete(source.jobId));
    const report = await checkInvariants(quiet.storage, { history: quiet.history, quiet: true });
    assert.deepEqual(report.violations, []);
  });

  it('finds nothing wrong with a thumbnail beside a result', async () => {
    const world = makeMemoryWorld();
    const { jobId } = await world.submit();
    const job = await world.complete(jobId, { thumbnail: { width: 3, height: 2, bytes: tinyPng.length } });
    assert.ok(job.status === 'completed');
    assert.ok(await world.storage.images.get(thumbnailKeyOf(job.result.key)));
    assert.deepEqual((await atRest(world)).violations, []);
  });

  it('takes a job that its caller had removed for what it is', async () => {
    const world = makeMemoryWorld();
    const { plain } = await world.fill();
    await world.remove(plain.jobId);
    const { violations, gone, lost, jobs } = await atRest(world);
    assert.deepEqual([violations, gone, lost, jobs.completed], [[], 1, 0, 3]);
  });

  it('expects neither pictures nor letters of a job whose time is over, once they were cleared away', async () => {
    const world = makeMemoryWorld();
    const { plain, failed } = await world.fill();
    const ids = [plain.jobId, failed.jobId];
    for (const id of ids) await noteThatItIsOver(world, id);
    world.pass(599);
    assert.deepEqual((await checkInvariants(world.storage)).violations, []);
    world.pass(1);
    const { violations } = await checkInvariants(world.storage);
    const found = violations.filter(({ subject }) => ids.some((id) => subject.includes(id)));
    // Inputs, result and thumbnail of one, inputs and letter of the other.
    assert.deepEqual(found.map(({ invariant }) => invariant).sort(), ['I4', ...Array(6).fill('I7')]);
    for (const id of ids) await clearAway(world, id);
    assert.deepEqual((await atRest(world)).violations, []);
  });

  it('leaves the sweeper its time to clear away what a removal left, on a live account', async () => {
    const world = makeMemoryWorld();
    const { plain } = await world.fill();
    await world.storage.jobs.delete(plain.jobId, () => true);
    world.pass(599);
    assert.deepEqual((await checkInvariants(world.storage)).violations, []);
    world.pass(1);
    const { violations } = await checkInvariants(world.storage);
    assert.deepEqual(new Set(violations.map(({ invariant }) => invariant)), new Set(['I7']));
    assert.equal(violations.length, 4, 'inputs, result and thumbnail');
  });

  it('follows a batch from its jobs to its pictures', async () => {
    const world = makeMemoryWorld();
    const { batchId, items } = await world.addBatch();
    const [one, other] = items;
    assert.ok(one && other);
    await world.complete(one.jobId);
    await world.complete(other.jobId);
    await world.remove(one.jobId);
    const { violations, batches } = await atRest(world);
    assert.deepEqual([violations, batches], [[], 1]);
    const open = await world.addBatch();
    for (const { jobId } of open.items) await world.send({ ...one, jobId });
    await world.storage.images.delete(`inputs/${open.batchId}/style-0`);
    world.pass(700);
    const live = await checkInvariants(world.storage, { maxOpenSeconds: 1_000 });
    assert.deepEqual(
      live.violations.map(({ invariant, subject }) => [invariant, subject]),
      [['I3', open.batchId]],
    );
    assert.notEqual(open.batchId, batchId);
  });

  it('counts what became of the messages to receivers', async () => {
    const world = makeMemoryWorld();
    for (const state of ['delivered', 'delivered', 'pending', 'failed', 'disabled'] as const) {
      const { jobId } = await world.submit('ok', { webhook });
      await world.tell(await world.complete(jobId), state);
    }
    await world.fail((await world.submit('ok', { webhook })).jobId);
    const { violations, notices } = await atRest(world);
    assert.deepEqual(violations, []);
    assert.deepEqual(notices, { delivered: 2, pending: 1, failed: 1, disabled: 1, missing: 0 });
  });

  it('misses a message to a receiver only once nobody can be sending it any more', async () => {
    const world = makeMemoryWorld();
    const { jobId } = await world.submit('ok', { webhook });
    await world.complete(jobId);
    world.pass(599);
    const soon = await checkInvariants(world.storage);
    assert.deepEqual([soon.violations, soon.notices.pending], [[], 1]);
    world.pass(1);
    const late = await checkInvariants(world.storage);
    assert.deepEqual(
      [late.violations.map(({ invariant, subject }) => [invariant, subject]), late.notices.missing],
      [[['I11', jobId]], 1],
    );
  });

  it('takes one job of a key that was sent three times, and heard of once, for what was promised', async () => {
    const world = makeMemoryWorld();
    const { jobId } = await world.submit();
    await world.complete(jobId);
    const [told] = world.history;
    assert.ok(told);
    const { jobId: _unknown, ...call } = told;
    const key = 'k';
    world.history.splice(
      0,
      1,
      { ...call, outcome: 'unknown', key },
      { ...call, outcome: 'fail', key },
      { ...told, key },
    );
    const { violations, recovered } = await atRest(world);
    assert.deepEqual([violations, recovered], [[], 0]);
  });
});

describe('the wait that was foretold', () => {
  const estimate = { low: 3, high: 10 };

  function jobOf(facts: Partial<JobResult>, more: object = {}) {
    const claimed = transition({ ...someJob(), estimate, ...more }, { type: 'claimed', owner: 'a', at });
    const claim = { owner: 'a', attempt: claimed.attempt };
    return transition(claimed, { type: 'completed', claim, result: { ...someResult, ...facts }, at });
  }
  const waited = (queueMs: number, processingSeconds: number, more: object = {}) =>
    compareWait(jobOf({ timings: { queue: queueMs }, processingSeconds }, more));

  it('is compared with the time in the queue and at work', () => {
    assert.deepEqual(waited(1_000, 0.9), { start: 'warm', outcome: 'earlier' });
    assert.deepEqual(waited(1_000, 1.1), { start: 'warm', outcome: 'inside' });
    assert.deepEqual(waited(9_000, 1), { start: 'warm', outcome: 'inside' });
    assert.deepEqual(waited(9_000, 1.1), { start: 'warm', outcome: 'later' });
    const cold = { estimate: { ...estimate, cold: true } };
    assert.deepEqual(waited(9_000, 1, cold), { start: 'cold', outcome: 'inside' });
  });

  it('counts only where it could be foretold: at the first attempt, without repair, copy or replay', () => {
    assert.equal(waited(0, 1, { estimate: undefined }), undefined);
    assert.equal(waited(0, 1, { attempt: 1, handBacks: 1 }), undefined);
    assert.equal(waited(0, 1, { resends: 1 }), undefined);
    assert.equal(waited(0, 1, { replays: 1 }), undefined);
    assert.equal(compareWait(someJob()), undefined);
    assert.equal(compareWait(jobOf({ timings: {} })), undefined);
  });

  it('is summed up in the report', async () => {
    const world = makeMemoryWorld();
    for (const cold of [true, false, false])
      await world.complete((await world.submit('ok', { estimate: { ...estimate, cold } })).jobId, {
        timings: { queue: cold ? 20_000 : 4_000 },
      });
    const { waits } = await atRest(world);
    assert.deepEqual(waits, {
      cold: { inside: 0, earlier: 0, later: 1 },
      warm: { inside: 2, earlier: 0, later: 0 },
    });
  });
});
