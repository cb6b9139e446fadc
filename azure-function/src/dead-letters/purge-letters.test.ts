import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failingOnce, makeHouse } from '../testing/dead-letter-house.ts';
import { problemOf } from '../testing/invoke.ts';
import { purgeLetter } from './purge-letter.ts';

describe('the purge of a dead letter', () => {
  it('deletes the images, keeps the job failed, and hides the letter', async () => {
    const house = makeHouse();
    const routes = house.routes();
    const job = await house.addFailedJob();
    const answer = await routes.purge(job.jobId);
    assert.deepEqual([answer.status, answer.body], [204, undefined]);
    assert.deepEqual(await house.imagesOf(job), []);
    assert.equal((await house.jobOf(job))?.status, 'failed');
    assert.equal(await house.stateOf(`${job.jobId}/0`), 'purged');
    assert.deepEqual((await routes.list()).body, { items: [], next_cursor: null });
    assert.equal((await routes.purge(job.jobId)).status, 204);
  });

  it('leaves the images to a job that has been replayed since', async () => {
    const house = makeHouse();
    const routes = house.routes();
    const job = await house.addFailedJob();
    await routes.replay(job.jobId);
    assert.equal((await routes.purge(job.jobId)).status, 204);
    assert.equal((await house.imagesOf(job)).length, 2);
    assert.equal((await house.jobOf(job))?.status, 'queued');
  });

  it('leaves the images to a job that has been replayed since and has failed again', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    await house.routes().replay(job.jobId);
    await house.fail(job, 'model_failed');
    await purgeLetter(house, { name: `${job.jobId}/0`, jobId: job.jobId, replays: 0 });
    assert.equal((await house.imagesOf(job)).length, 2);
    assert.equal(await house.stateOf(`${job.jobId}/1`), 'open');
    await purgeLetter(house, { name: `${job.jobId}/1`, jobId: job.jobId, replays: 1 });
    assert.deepEqual(await house.imagesOf(job), []);
  });

  it('leaves the images of a batch to the other jobs of it', async () => {
    const house = makeHouse();
    const inputs = { content: 'inputs/batch/content-0', style: 'inputs/batch/style-0' };
    const job = await house.addFailedJob('model_failed', { inputs });
    assert.equal((await house.routes().purge(job.jobId)).status, 204);
    assert.equal(await house.stateOf(`${job.jobId}/0`), 'purged');
    for (const key of Object.values(inputs)) assert.ok(await house.images.get(key));
  });

  it('deletes the images of a job whose record is gone', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    await house.jobs.delete(job.jobId, () => true);
    assert.equal((await house.routes().purge(job.jobId)).status, 204);
    assert.deepEqual(await house.imagesOf(job), []);
  });

  it('deletes the letter of a message', async () => {
    const house = makeHouse();
    const routes = house.routes();
    const id = await house.addBadMessage('<xml/>');
    assert.equal((await routes.purge(id)).status, 204);
    assert.equal((await routes.show(id)).status, 404);
    assert.equal(problemOf(await routes.purge(id)).code, 'dead_letter_not_found');
  });

  it('stays open until all is done, and is finished by the next one', async () => {
    const house = makeHouse();
    const { images, deadLetters } = house;
    for (const moment of ['before', 'after'] as const) {
      const broken = [
        { images: { ...images, delete: failingOnce(images.delete, moment) } },
        { deadLetters: { ...deadLetters, mark: failingOnce(deadLetters.mark, moment) } },
      ];
      for (const ports of broken) {
        const job = await house.addFailedJob();
        const routes = house.routes(ports);
        assert.equal((await routes.purge(job.jobId)).status, 503);
        const marked = 'deadLetters' in ports && moment === 'after';
        assert.equal(await house.stateOf(`${job.jobId}/0`), marked ? 'purged' : 'open');
        assert.equal((await routes.purge(job.jobId)).status, 204);
        assert.equal(await house.stateOf(`${job.jobId}/0`), 'purged');
        assert.deepEqual(await house.imagesOf(job), []);
      }
    }
  });
});

describe('the purge of many', () => {
  it('takes one reason, or all that is open when that is said', async () => {
    const house = makeHouse();
    const routes = house.routes();
    const corrupt = await house.addFailedJob('image_corrupt');
    const others = await Promise.all([1, 2].map(() => house.addFailedJob()));
    await house.addBadMessage('<xml/>');
    const done = { skipped: [], next_cursor: null, more: false };
    assert.deepEqual((await routes.purgeMany({ reason: 'image_corrupt' })).body, { purged: 1, ...done });
    assert.equal(await house.stateOf(`${corrupt.jobId}/0`), 'purged');
    assert.deepEqual((await routes.purgeMany({ all: 'true' })).body, { purged: 3, ...done });
    for (const job of [corrupt, ...others]) assert.deepEqual(await house.imagesOf(job), []);
    assert.deepEqual((await routes.purgeMany({ all: 'true' })).body, { purged: 0, ...done });
  });

  it('is bounded, and leads on', async () => {
    const house = makeHouse();
    const routes = house.routes();
    await Promise.all(Array.from({ length: 5 }, () => house.addFailedJob()));
    let purged = 0;
    let cursor: string | null = '';
    do {
      const { body } = await routes.purgeMany({ all: 'true', limit: '2', ...(cursor && { cursor }) });
      const page = body as { purged: number; next_cursor: string | null };
      assert.ok(page.purged <= 2);
      purged += page.purged;
      cursor = page.next_cursor;
    } while (cursor !== null);
    assert.equal(purged, 5);
  });

  it('has to be told which', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    const refused: [query: Record<string, string>, code: string][] = [
      [{}, 'required'],
      [{ reason: 'model_failed', all: 'true' }, 'required'],
      [{ all: 'yes' }, 'invalid_value'],
      [{ all: 'true', limit: '101' }, 'out_of_range'],
      [{ state: 'all' }, 'unknown_field'],
    ];
    for (const [query, code] of refused) {
      const answer = await house.routes().purgeMany(query);
      assert.deepEqual([answer.status, problemOf(answer).code], [422, code], JSON.stringify(query));
    }
    assert.equal((await house.imagesOf(job)).length, 2);
  });
});
