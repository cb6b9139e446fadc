import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertRefused, assertReplayedOnce, failingOnce, makeHouse } from '../testing/dead-letter-house.ts';
import { problemOf } from '../testing/invoke.ts';

describe('the replay of many', () => {
  it('takes the failures of one reason and leaves the others', async () => {
    const house = makeHouse();
    const wanted = await Promise.all([1, 2, 3].map(() => house.addFailedJob('out_of_memory')));
    const other = await house.addFailedJob('image_corrupt');
    const answer = await house.routes().replayMany({ reason: 'out_of_memory' });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, { replayed: 3, skipped: [], next_cursor: null, more: false });
    for (const job of wanted) await assertReplayedOnce(house, job);
    assert.equal((await house.jobOf(other))?.status, 'failed');
  });

  it('tells what it skipped and why, and leads past it to the end', async () => {
    const house = makeHouse();
    const jobs = await Promise.all([1, 2, 3, 4, 5].map(() => house.addFailedJob()));
    const [broken] = jobs;
    assert.ok(broken);
    await house.images.delete(broken.inputs.style);
    const message = await house.addBadMessage('<xml/>');
    const seen = { replayed: 0, skipped: [] as unknown[], calls: 0 };
    let cursor: unknown;
    do {
      const { body } = await house
        .routes()
        .replayMany({ all: true, limit: 2, ...(cursor ? { cursor } : {}) });
      const page = body as { replayed: number; skipped: unknown[]; next_cursor: unknown; more: boolean };
      seen.replayed += page.replayed;
      seen.skipped.push(...page.skipped);
      seen.calls += 1;
      assert.equal(page.more, page.next_cursor !== null);
      cursor = page.next_cursor;
    } while (cursor !== null);
    assert.deepEqual([seen.replayed, seen.calls], [4, 3]);
    const why = 'Expected a failed job whose images are there, but ';
    assert.deepEqual(seen.skipped, [
      {
        id: broken.jobId,
        job_id: broken.jobId,
        code: 'not_replayable',
        detail: `${why}of its images these are no longer there: style`,
      },
      {
        id: message,
        job_id: null,
        code: 'not_replayable',
        detail: `${why}it is about a message, and no job is known that it belongs to`,
      },
    ]);
  });

  it('has to be told which, and tells what is wrong with the question', async () => {
    const house = makeHouse();
    await house.addFailedJob();
    const { replayMany } = house.routes();
    const refused: [body: unknown, status: number, code: string][] = [
      [{}, 422, 'required'],
      [{ reason: 'model_failed', all: true }, 422, 'required'],
      [{ all: false }, 422, 'invalid_value'],
      [{ reason: 7 }, 422, 'invalid_type'],
      [{ all: true, limit: 101 }, 422, 'out_of_range'],
      [{ all: true, limit: '5' }, 422, 'invalid_type'],
      [{ resaon: 'model_failed' }, 422, 'unknown_field'],
      [[], 422, 'invalid_body'],
      [Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`f${n}`, n])), 422, 'invalid_body'],
      ['', 400, 'invalid_json'],
      ['{', 400, 'invalid_json'],
      [{ all: true, cursor: 'forged' }, 400, 'invalid_cursor'],
    ];
    for (const [body, status, code] of refused) {
      const answer = await replayMany(body);
      assert.deepEqual([answer.status, problemOf(answer).code], [status, code], JSON.stringify(body));
    }
    const asForm = await replayMany('all=true', { 'content-type': 'application/x-www-form-urlencoded' });
    assertRefused(asForm, 415, 'unsupported_media_type');
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('fails as a whole when the storage does, and is finished by the same call again', async () => {
    const house = makeHouse();
    const jobs = await Promise.all([1, 2, 3, 4].map(() => house.addFailedJob()));
    const send = failingOnce(house.queue.send, 'before');
    const { replayMany } = house.routes({ queue: { ...house.queue, send } });
    assertRefused(await replayMany({ all: true }), 503, 'storage_unavailable');
    const again = await replayMany({ all: true });
    assert.deepEqual(again.body, { replayed: 1, skipped: [], next_cursor: null, more: false });
    for (const job of jobs) await assertReplayedOnce(house, job);
    assert.equal(await house.queue.countMessages(), jobs.length);
  });

  it('does a few at a time', async () => {
    const house = makeHouse();
    await Promise.all(Array.from({ length: 30 }, () => house.addFailedJob()));
    let running = 0;
    let most = 0;
    const send: typeof house.queue.send = async (text) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      await house.queue.send(text);
      running -= 1;
    };
    await house.routes({ queue: { ...house.queue, send } }).replayMany({ all: true });
    assert.equal(await house.queue.countMessages(), 30);
    assert.ok(most >= 2 && most <= 8, `${most} at a time`);
  });

  it('closes the letter of an earlier failure without replaying a later one for another reason', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob('out_of_memory');
    const mark = failingOnce(house.deadLetters.mark, 'before');
    await house.routes({ deadLetters: { ...house.deadLetters, mark } }).replay(job.jobId);
    await house.fail(job, 'image_corrupt');
    await house.routes().replayMany({ reason: 'out_of_memory' });
    const now = await house.jobOf(job);
    assert.deepEqual([now?.status, now?.replays], ['failed', 1]);
    assert.equal(await house.stateOf(`${job.jobId}/0`), 'replayed');
    assert.equal(await house.stateOf(`${job.jobId}/1`), 'open');
  });
});
