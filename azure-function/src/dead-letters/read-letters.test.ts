import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { type DeadLetterList, deadLetterListSchema, deadLetterViewSchema } from '@impasto/shared';
import { makeHouse } from '../testing/dead-letter-house.ts';
import { type Answer, problemOf } from '../testing/invoke.ts';

function pageOf(answer: Answer): DeadLetterList {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return deadLetterListSchema.parse(answer.body);
}

type Routes = ReturnType<ReturnType<typeof makeHouse>['routes']>;

/** Every id of a listing, and how many requests it took. */
async function wholeList(routes: Routes, query: Record<string, string>) {
  const ids: string[] = [];
  let cursor: string | null | undefined;
  let requests = 0;
  do {
    const page = pageOf(await routes.list({ ...query, ...(cursor && { cursor }) }));
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
    requests += 1;
  } while (cursor !== null);
  return { ids, requests };
}

describe('the list of dead letters', () => {
  it('is empty where nothing failed', async () => {
    assert.deepEqual(pageOf(await makeHouse().routes().list()), { items: [], next_cursor: null });
  });

  it('tells of each letter what it is about and where to go from there', async () => {
    const house = makeHouse();
    const { jobId } = await house.addFailedJob('image_corrupt');
    const message = await house.addBadMessage('<xml/>');
    const { items } = pageOf(await house.routes().list());
    const origin = 'http://localhost:7071/api';
    assert.deepEqual(
      items.find((item) => item.id === jobId),
      {
        id: jobId,
        job_id: jobId,
        reason: 'image_corrupt',
        state: 'open',
        failed_at: '2026-01-02T03:04:06.000Z',
        replays: 0,
        dead_letter_url: `${origin}/dead-letters/${jobId}`,
        status_url: `${origin}/status/${jobId}`,
      },
    );
    const other = items.find((item) => item.id === message);
    assert.deepEqual([other?.job_id, other?.status_url, other?.replays], [null, null, null]);
    assert.match(message, /^message-[0-9a-f]{32}$/);
  });

  it('shows open letters unless it is asked for others', async () => {
    const house = makeHouse();
    const routes = house.routes();
    const [open, replayed, purged] = [
      await house.addFailedJob(),
      await house.addFailedJob('out_of_memory'),
      await house.addFailedJob(),
    ];
    await routes.replay(replayed.jobId);
    await routes.purge(purged.jobId);
    const idsOf = async (query: Record<string, string>) => (await wholeList(routes, query)).ids;
    assert.deepEqual(await idsOf({}), [open.jobId]);
    assert.deepEqual(await idsOf({ state: 'replayed' }), [replayed.jobId]);
    assert.deepEqual(await idsOf({ state: 'purged' }), [purged.jobId]);
    const all = [open, replayed, purged].map(({ jobId }) => jobId).sort();
    assert.deepEqual(await idsOf({ state: 'all' }), all);
    assert.deepEqual(await idsOf({ state: 'all', reason: 'out_of_memory' }), [replayed.jobId]);
  });

  it('comes page by page, each letter once', async () => {
    const house = makeHouse();
    const jobs = await Promise.all(Array.from({ length: 7 }, () => house.addFailedJob()));
    const { ids, requests } = await wholeList(house.routes(), { limit: '3' });
    assert.deepEqual(ids, jobs.map(({ jobId }) => jobId).sort());
    assert.equal(requests, 3);
  });

  it('looks through a bounded part of the storage at a time, and leads on where that held none', async () => {
    const house = makeHouse();
    const letter = { state: 'open', reason: 'model_failed', message: '', at: '', replays: 0 } as const;
    for (let index = 0; index < 50; index++) {
      const jobId = randomUUID();
      await house.deadLetters.record(`${jobId}/0`, { ...letter, jobId });
    }
    const last = 'ffffffff-0000-4000-8000-000000000000';
    await house.deadLetters.record(`${last}/0`, { ...letter, reason: 'rare', jobId: last });
    let reads = 0;
    const counting: typeof house.deadLetters = {
      ...house.deadLetters,
      list: (...args) => {
        reads += 1;
        return house.deadLetters.list(...args);
      },
    };
    const { ids, requests } = await wholeList(house.routes({ deadLetters: counting }), {
      reason: 'rare',
      limit: '1',
    });
    assert.deepEqual([ids, requests], [[last], 3]);
    assert.ok(reads <= 3 * 20, `${reads} reads`);
  });

  it('refuses a query that makes no sense', async () => {
    const routes = makeHouse().routes();
    const refused: [query: Record<string, string>, status: number, code: string][] = [
      [{ limit: '0' }, 422, 'out_of_range'],
      [{ limit: '201' }, 422, 'out_of_range'],
      [{ limit: '1.5' }, 422, 'invalid_type'],
      [{ limit: 'many' }, 422, 'invalid_type'],
      [{ state: 'closed' }, 422, 'invalid_value'],
      [{ reason: '' }, 422, 'required'],
      [{ resaon: 'model_failed' }, 422, 'unknown_field'],
    ];
    for (const [query, status, code] of refused) {
      const answer = await routes.list(query);
      assert.deepEqual([answer.status, problemOf(answer).code], [status, code], JSON.stringify(query));
    }
    assert.match(problemOf(await routes.list({ resaon: 'x' })).detail, /did you mean reason\?/);
    assert.match(problemOf(await routes.list({ state: 'x' })).detail, /one of open, replayed, purged, all/);
  });

  it('refuses a cursor that is none of ours', async () => {
    const house = makeHouse();
    await house.addFailedJob();
    const forged = ['x', '0', '../..', 'eyJtYXJrZXIiOjF9', '%00', 'a'.repeat(2000)];
    for (const cursor of forged) {
      const answer = await house.routes().list({ cursor });
      assert.deepEqual([answer.status, problemOf(answer).code], [400, 'invalid_cursor'], cursor);
    }
  });
});

describe('one dead letter', () => {
  it('is the whole story of a job, and says that it can be replayed', async () => {
    const house = makeHouse();
    const { jobId } = await house.addFailedJob('image_corrupt');
    const view = deadLetterViewSchema.parse((await house.routes().show(jobId.toUpperCase())).body);
    assert.deepEqual([view.message, view.attempt, view.text], ['it ended with image_corrupt', 1, null]);
    assert.deepEqual([view.replayable, view.not_replayable_because], [true, null]);
  });

  it('has the text of a message that could not be read', async () => {
    const house = makeHouse();
    const id = await house.addBadMessage('<xml/>');
    const view = deadLetterViewSchema.parse((await house.routes().show(id)).body);
    assert.deepEqual([view.id, view.job_id, view.text, view.replayable], [id, null, '<xml/>', false]);
    assert.match(view.not_replayable_because ?? '', /about a message/);
  });

  it('is the newest of a job, also after ten replays', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    for (let replays = 1; replays <= 10; replays++) {
      await house.routes().replay(job.jobId);
      await house.fail(job, 'out_of_memory');
    }
    const view = deadLetterViewSchema.parse((await house.routes().show(job.jobId)).body);
    assert.deepEqual([view.replays, view.state, view.reason], [10, 'open', 'out_of_memory']);
  });

  it('says why a job cannot be replayed', async () => {
    const house = makeHouse();
    const routes = house.routes();
    const [gone, half, running, purged] = await Promise.all([1, 2, 3, 4].map(() => house.addFailedJob()));
    assert.ok(gone && half && running && purged);
    await house.jobs.delete(gone.jobId, () => true);
    await house.images.delete(half.inputs.style);
    await routes.replay(running.jobId);
    await routes.purge(purged.jobId);
    const reasons: [id: string, why: RegExp][] = [
      [gone.jobId, /the job has been removed/],
      [half.jobId, /no longer there: style$/],
      [running.jobId, /replayed since and is queued/],
      [purged.jobId, /was purged/],
    ];
    for (const [id, why] of reasons) {
      const view = deadLetterViewSchema.parse((await routes.show(id)).body);
      assert.equal(view.replayable, false);
      assert.match(view.not_replayable_because ?? '', why);
    }
  });

  it('is not found under an id that we never gave out', async () => {
    const house = makeHouse();
    await house.addFailedJob();
    const ids = [
      '',
      '..',
      'replay',
      'messages/abc',
      `message-${'g'.repeat(32)}`,
      `message-${'0'.repeat(32)}`,
    ];
    for (const id of [...ids, randomUUID(), '00000000-0000-0000-0000-000000000000', 'x'.repeat(2000)]) {
      const routes = house.routes();
      for (const answer of [await routes.show(id), await routes.replay(id), await routes.purge(id)]) {
        const seen = [answer.status, problemOf(answer).code];
        assert.deepEqual(seen, [404, 'dead_letter_not_found'], id.slice(0, 50));
      }
    }
  });
});
