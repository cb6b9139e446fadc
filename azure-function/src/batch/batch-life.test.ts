import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { problemOf } from '../testing/invoke.ts';
import { makePlaces } from '../waiting/places.ts';
import { openHouse, viewIn } from './testing-house.ts';

async function withBatch(...statuses: readonly string[]) {
  const house = openHouse();
  const { batch_id: id } = viewIn(await house.send());
  for (const [index, status] of statuses.entries())
    if (status !== 'queued') await house.bring(index, status, id);
  return { house, id, view: async () => viewIn(await house.get(id)) };
}

describe('the view of a batch', () => {
  it('shows each job, its error or its addresses, and an end of its own', async () => {
    const { view } = await withBatch('completed', 'failed', 'expired', 'canceled');
    const shown = await view();
    assert.deepEqual([shown.status, shown.done, shown.progress], ['partially_completed', true, 1]);
    assert.deepEqual(shown.counts, {
      ...{ total: 4, queued: 0, processing: 0 },
      ...{ completed: 1, failed: 1, canceled: 1, expired: 1 },
    });
    const [first, second] = shown.jobs;
    assert.match(first?.result_url ?? '', /^http/);
    assert.match(first?.thumbnail_url ?? '', /^http/);
    assert.ok(first?.url_expires_at);
    assert.deepEqual([second?.error?.code, second?.result_url], ['image_corrupt', null]);
    assert.ok(shown.completed_at && shown.expires_at && shown.wait === null);
  });

  it('of an unfinished one tells what the last of its jobs waits for, and when to come back', async () => {
    const { house, id } = await withBatch('completed', 'processing');
    const answer = await house.get(id);
    const { status, wait, completed_at, expires_at } = viewIn(answer);
    assert.deepEqual(
      [status, wait?.reason, completed_at, expires_at],
      ['processing', 'no_worker', null, null],
    );
    assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d?$/);
    const { house: other, id: second } = await withBatch('completed', 'completed', 'completed', 'processing');
    assert.equal(viewIn(await other.get(second)).wait?.reason, 'in_work');
  });

  it('leaves the jobs out where they are not wanted', async () => {
    const { house, id } = await withBatch();
    const short = viewIn(await house.get(id, '?include=none'));
    assert.deepEqual([short.jobs, short.counts.total], [[], 4]);
    for (const query of ['?include=image', '?wait=soon'])
      assert.equal(problemOf(await house.get(id, query)).code, 'invalid_value');
  });

  it('is not sent again to who has it, as long as nothing happens', async () => {
    const { house, id } = await withBatch();
    const { headers } = await house.get(id);
    const again = () => house.get(id, '', { 'If-None-Match': headers.etag ?? '' });
    assert.match(headers.etag ?? '', /^W\//);
    assert.equal((await again()).status, 304);
    assert.equal((await house.get(id, '?include=none', { 'If-None-Match': headers.etag ?? '' })).status, 200);
    await house.bring(2, 'processing');
    assert.equal((await again()).status, 200);
  });

  it('is sent again to who has it without addresses, once they can be signed', async () => {
    const { house, id } = await withBatch('completed', 'completed', 'completed', 'completed');
    const { images } = house.ports;
    const { sign } = images;
    const noKey = async () => Promise.reject(new Error('no key'));
    Object.assign(images, { sign: noKey });
    const { headers } = await house.get(id);
    const again = () => house.get(id, '', { 'If-None-Match': headers.etag ?? '' });
    assert.equal((await again()).status, 304);
    Object.assign(images, { sign });
    const signed = await again();
    assert.equal(signed.status, 200);
    assert.match(viewIn(signed).jobs[0]?.result_url ?? '', /\?/);
  });

  it('shares the places of those who wait with everybody else who does', async () => {
    const places = makePlaces(1);
    const house = openHouse({ places });
    const { batch_id: id } = viewIn(await house.send());
    const leave = places.take();
    const startedAt = performance.now();
    await house.get(id, '?wait=50');
    assert.ok(performance.now() - startedAt < 25_000);
    leave?.();
    const headers = { prefer: 'wait=1' };
    assert.equal((await house.get(id, '', headers)).headers['preference-applied'], 'wait=1');
  });

  it('counts a job that was removed for nothing but the total; without any left the batch is gone', async () => {
    const { house, id, view } = await withBatch('completed', 'failed', 'completed', 'completed');
    const { jobs } = await view();
    await house.ports.jobs.delete(jobs[1]?.job_id ?? '', () => true);
    const without = await view();
    assert.deepEqual(
      [without.status, without.jobs[1]?.status, without.jobs[1]?.done],
      ['completed', 'gone', true],
    );
    assert.deepEqual([without.counts.total, without.counts.failed], [4, 0]);
    await house.ports.jobs.purge(jobs[1]?.job_id ?? '');
    assert.equal((await view()).jobs[1]?.status, 'gone');
    for (const { job_id } of jobs) await house.ports.jobs.delete(job_id, () => true);
    const gone = await house.get(id);
    assert.deepEqual([gone.status, problemOf(gone).code], [410, 'batch_gone']);
    assert.ok(problemOf(gone).gone_at);
  });

  it('does not exist for ids that are nobody’s', async () => {
    const house = openHouse();
    for (const id of [randomUUID(), 'x', '../jobs']) {
      for (const answer of [
        await house.get(id),
        await house.cancel(id),
        await house.remove(id),
        await house.results(id),
      ])
        assert.deepEqual([answer.status, problemOf(answer).code], [404, 'batch_not_found']);
    }
  });
});

describe('a batch that was never finished coming in', () => {
  it('is done in the end: what is missing comes for a while, and then has failed', async () => {
    const { house, id, view } = await withBatch('completed', 'completed', 'completed');
    const record = await house.record(id);
    assert.ok(record);
    const [, , , last] = record.items;
    await house.ports.jobs.delete(last?.jobId ?? '', () => true);
    await house.ports.jobs.purge(last?.jobId ?? '');
    await house.ports.batches.put(id, { ...record, intake: 'under_way' });
    const young = await view();
    assert.deepEqual([young.status, young.jobs[3]?.status, young.done], ['processing', 'queued', false]);
    house.advance(601);
    const old = await view();
    assert.deepEqual(
      [old.status, old.done, old.jobs[3]?.error?.code],
      ['partially_completed', true, 'record_missing'],
    );
    assert.equal((await house.get(id)).headers['retry-after'], undefined);
    await house.ports.batches.put(id, {
      ...record,
      intake: 'broken_off',
      cancelRequestedAt: new Date().toISOString(),
    });
    house.advance(601);
    assert.deepEqual(
      [(await view()).jobs[3]?.status, (await view()).status],
      ['canceled', 'partially_completed'],
    );
  });
});

describe('canceling a batch', () => {
  it('ends what waits, asks what is being painted to stop, and leaves what has ended', async () => {
    const { house, id } = await withBatch('completed', 'processing');
    const answer = await house.cancel(id);
    const view = viewIn(answer);
    assert.deepEqual(
      view.jobs.map(({ status, phase }) => [status, phase]),
      [
        ['completed', 'done'],
        ['processing', 'canceling'],
        ['canceled', 'done'],
        ['canceled', 'done'],
      ],
    );
    assert.ok(view.cancel_requested_at && answer.headers['retry-after']);
    const again = viewIn(await house.cancel(id));
    assert.equal(again.cancel_requested_at, view.cancel_requested_at);
  });

  it('changes nothing about one that is done', async () => {
    const { house, id } = await withBatch('completed', 'completed', 'failed', 'completed');
    const view = viewIn(await house.cancel(id));
    assert.deepEqual([view.status, view.cancel_requested_at], ['partially_completed', null]);
  });

  it('is finished by a repeat where it was cut off', async () => {
    const { house, id } = await withBatch();
    let canceled = 0;
    const cut = await house.cancel(id, ({ point, when }) => {
      if (point !== 'canceled' || when !== 'before') return;
      canceled += 1;
      if (canceled > 2) throw new Error('cut off');
    });
    assert.equal(cut.status, 500);
    assert.ok((await house.record(id))?.cancelRequestedAt);
    assert.deepEqual(
      [viewIn(await house.cancel(id)).status, viewIn(await house.get(id)).done],
      ['canceled', true],
    );
  });

  it('also ends the jobs that its submission makes meanwhile', async () => {
    const house = openHouse();
    let created = 0;
    const answer = await house.send({}, {}, async ({ point, when }) => {
      if (point !== 'record.created' || when !== 'before') return;
      created += 1;
      if (created !== 3) return;
      const [name = ''] = house.ports.batches.names();
      assert.equal((await house.cancel(name)).status, 200);
    });
    const view = viewIn(answer);
    assert.deepEqual([answer.status, view.status, view.counts.canceled], [200, 'canceled', 4]);
  });
});

describe('deleting a batch', () => {
  it('removes its jobs, their pictures and its images; what stays says since when', async () => {
    const { house, id, view } = await withBatch('completed', 'failed', 'processing');
    const other = viewIn(await house.send());
    const { jobs } = await view();
    const answer = await house.remove(id);
    assert.deepEqual([answer.status, answer.body], [204, undefined]);
    assert.ok(house.ports.images.keys().every((key) => key.startsWith(`inputs/${other.batch_id}/`)));
    for (const { job_id } of jobs) await assert.rejects(house.ports.jobs.get(job_id), { code: 'job_gone' });
    const record = await house.record(id);
    assert.deepEqual(
      [record?.items, record?.contents, record?.metadata, record?.keptUntil],
      [[], [], {}, record?.goneAt],
    );
    for (const gone of [
      await house.get(id),
      await house.cancel(id),
      await house.remove(id),
      await house.results(id),
    ]) {
      assert.deepEqual([gone.status, problemOf(gone).code], [410, 'batch_gone']);
      assert.equal(problemOf(gone).gone_at, record?.goneAt);
    }
    assert.equal(viewIn(await house.get(other.batch_id)).counts.queued, 4);
  });

  it('is finished by a repeat where it was cut off, and gone for everybody before', async () => {
    const { house, id } = await withBatch('completed');
    const cut = await house.remove(id, ({ point, when }) => {
      if (point === 'record.deleted' && when === 'before') throw new Error('cut off');
    });
    assert.deepEqual([cut.status, (await house.get(id)).status, (await house.jobs()).length], [500, 410, 4]);
    assert.equal((await house.remove(id)).status, 204);
    assert.deepEqual([house.ports.images.keys(), await house.jobs()], [[], []]);
  });

  it('also removes the jobs that its submission makes meanwhile', async () => {
    const house = openHouse();
    let created = 0;
    const answer = await house.send({}, {}, async ({ point, when }) => {
      if (point !== 'record.created' || when !== 'before') return;
      created += 1;
      if (created !== 2) return;
      const [name = ''] = house.ports.batches.names();
      assert.equal((await house.remove(name)).status, 204);
    });
    assert.deepEqual([answer.status, problemOf(answer).code], [410, 'batch_gone']);
    assert.equal((await house.get(house.ports.batches.names()[0] ?? '')).status, 410);
    assert.deepEqual(
      [house.ports.images.keys(), await house.jobs(), house.ports.jobIndex.names()],
      [[], [], []],
    );
  });
});
