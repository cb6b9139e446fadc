import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { type CheckOptions, checkInvariants } from './check-invariants.ts';
import type { CheckReport } from './report.ts';
import { makeMemoryWorld, tinyPng, type World } from './testing-world.ts';

/** Everything is done, and the history is all there was. */
const atRest = ({ storage, history }: World, options: CheckOptions = {}) =>
  checkInvariants(storage, { history, ...options });

function found({ violations }: CheckReport): string[][] {
  return violations.map(({ invariant, subject }) => [invariant, subject]);
}

describe('checkInvariants', () => {
  it('finds nothing wrong where every job ended as it may, and sums them up', async () => {
    const world = makeMemoryWorld();
    await world.fill();
    const { violations, ...sums } = await atRest(world);
    assert.deepEqual(violations, []);
    assert.deepEqual(sums, {
      jobs: { queued: 0, processing: 0, completed: 4, failed: 1, canceled: 2, expired: 1 },
      gone: 0,
      reused: 0,
      batches: 0,
      notices: { delivered: 0, pending: 0, failed: 0, disabled: 0, missing: 0 },
      waits: { cold: { inside: 0, earlier: 0, later: 0 }, warm: { inside: 0, earlier: 0, later: 0 } },
      failedByReason: { image_corrupt: 1 },
      messages: 0,
      lost: 0,
      stuck: 0,
      orphans: 0,
      executedMoreThanOnce: 1,
      recovered: 1,
      crashes: 1,
      handBacks: 1,
      resends: 1,
      replays: 1,
    });
  });

  it('asks nobody to have been told of a job that its caller canceled (I8)', async () => {
    const world = makeMemoryWorld();
    const { jobId } = await world.submit('fail');
    await world.cancel(jobId);
    const cancel = { call: 'cancel', jobId, at: new Date().toISOString() } as const;
    assert.deepEqual((await atRest(world)).violations.length, 1);
    world.history.push({ ...cancel, outcome: 'fail' });
    assert.deepEqual((await atRest(world)).violations.length, 1);
    world.history.push({ ...cancel, outcome: 'unknown' });
    assert.deepEqual((await atRest(world)).violations, []);
  });

  it('counts what is lost, stuck and orphaned', async () => {
    const world = makeMemoryWorld();
    await world.submit();
    world.history.push({ call: 'submit', outcome: 'ok', jobId: 'gone', at: new Date().toISOString() });
    await world.storage.images.put('results/nobody/1-a.png', tinyPng, 'image/png');
    const { lost, stuck, orphans } = await atRest(world);
    assert.deepEqual({ lost, stuck, orphans }, { lost: 1, stuck: 1, orphans: 1 });
  });

  it('asks a run without faults for jobs that were done at the first attempt (I13)', async () => {
    const world = makeMemoryWorld();
    const { plain, troubled } = await world.fill();
    const { replayed } = await world.fill();
    const quiet = await atRest(world, { quiet: true });
    const subjects = new Set(quiet.violations.map(({ subject }) => subject));
    assert.ok(quiet.violations.every(({ invariant }) => invariant === 'I13'));
    assert.ok(subjects.has(troubled.jobId) && subjects.has(replayed.jobId) && !subjects.has(plain.jobId));
    assert.equal(subjects.size, 4);
  });

  it('says that a result cannot be decoded, in the words of the decoder that it was given (I3)', async () => {
    const world = makeMemoryWorld();
    const { jobId } = await world.submit();
    await world.complete(jobId);
    const decode = async () => Promise.reject(new Error('a torn scan line'));
    const report = await atRest(world, { decode });
    assert.deepEqual(found(report), [['I3', jobId]]);
    assert.match(report.violations[0]?.detail ?? '', /cannot be decoded: a torn scan line/);
  });

  it('sees with its own eyes when a result is no image at all (I3)', async () => {
    const world = makeMemoryWorld();
    const { jobId } = await world.submit();
    const job = await world.complete(jobId);
    const key = job.status === 'completed' ? job.result.key : '';
    const text = Buffer.from('{"error":"x"}');
    await world.storage.images.put(key, text, 'image/png');
    const sha256 = createHash('sha256').update(text).digest('hex');
    await world.storage.jobs.update(jobId, (job) =>
      job.status === 'completed' ? { ...job, result: { ...job.result, bytes: text.length, sha256 } } : job,
    );
    const { violations } = await atRest(world);
    assert.match(violations[0]?.detail ?? '', /cannot be decoded: expected the header of a png file/);
  });

  describe('on a live account, without a history', () => {
    it('leaves jobs alone that are open, images that are young, and letters that are being written', async () => {
      const world = makeMemoryWorld();
      const { failed } = await world.fill();
      const open = await world.submit();
      await world.send(open);
      await world.claim(open.jobId);
      await world.storage.images.put(`results/${open.jobId}/1-x.png`, tinyPng, 'image/png');
      await world.storage.images.put('inputs/nobody/content', tinyPng, 'image/png');
      await world.storage.deadLetters.delete(`${failed.jobId}/0`);
      const report = await checkInvariants(world.storage);
      assert.deepEqual(report.violations, []);
      assert.deepEqual([report.messages, report.jobs.processing, report.recovered], [1, 1, 0]);
    });

    it('calls a job stuck after the time given, counted from its submission', async () => {
      const world = makeMemoryWorld();
      const { jobId } = await world.submit();
      world.pass(200);
      await world.claim(jobId);
      world.pass(99);
      assert.deepEqual(found(await checkInvariants(world.storage)), []);
      world.pass(1);
      assert.deepEqual(found(await checkInvariants(world.storage)), [['I1', jobId]]);
      assert.deepEqual(found(await checkInvariants(world.storage, { maxOpenSeconds: 301 })), []);
    });

    it('counts a replayed job from its replay', async () => {
      const world = makeMemoryWorld();
      const { jobId } = await world.submit();
      await world.fail(jobId);
      world.pass(1_000);
      await world.replay(jobId);
      world.pass(100);
      assert.deepEqual(found(await checkInvariants(world.storage)), []);
    });

    it('misses a dead letter once nobody can be writing it any more', async () => {
      const world = makeMemoryWorld();
      const { jobId } = await world.submit();
      await world.fail(jobId);
      await world.storage.deadLetters.delete(`${jobId}/0`);
      world.pass(181);
      assert.deepEqual(found(await checkInvariants(world.storage)), [['I4', jobId]]);
    });

    it('calls an image of nobody an orphan once the sweeper had its time', async () => {
      const world = makeMemoryWorld();
      await world.storage.images.put('inputs/nobody/content', tinyPng, 'image/png');
      world.pass(25 * 3600 - 1);
      assert.deepEqual(found(await checkInvariants(world.storage)), []);
      world.pass(1);
      assert.deepEqual(found(await checkInvariants(world.storage)), [['I7', 'inputs/nobody/content']]);
    });
  });

  it('needs no more of the storage than to read it', async () => {
    const world = makeMemoryWorld();
    await world.fill();
    const { jobs, images, queue, deadLetters, deliveries, batches } = world.storage;
    const readOnly = {
      jobs: { get: jobs.get, list: jobs.list },
      images: { get: images.get, list: images.list },
      queue: { countMessages: queue.countMessages },
      deadLetters: { list: deadLetters.list },
      deliveries: { get: deliveries.get },
      batches: { get: batches.get, list: batches.list },
    };
    assert.deepEqual(await checkInvariants(readOnly, { history: world.history }), await atRest(world));
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const world = makeMemoryWorld();
    for (let made = 0; made < 40; made += 1) await world.submit();
    const stopping = new AbortController();
    let last = 0;
    const onProgress = (checked: number) => {
      last = checked;
      if (checked === 5) stopping.abort(new Error('enough'));
    };
    await assert.rejects(atRest(world, { onProgress, signal: stopping.signal }), /enough/);
    assert.ok(last >= 5 && last < 40, String(last));
  });

  it('fails rather than to call what it cannot read a defect of the job', async () => {
    const world = makeMemoryWorld();
    await world.submit();
    const jobs = { ...world.storage.jobs, get: async () => Promise.reject(new Error('no connection')) };
    await assert.rejects(checkInvariants({ ...world.storage, jobs }), /no connection/);
  });
});
