import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BatchView, limits } from '@impasto/shared';
import { problemOf } from '../testing/invoke.ts';
import { good, openHouse, pictures, viewIn } from './testing-house.ts';

const [a = '', b = '', c = '', d = ''] = pictures;

describe('a batch', () => {
  it('becomes a job for every content in every style, contents first, and each image is stored once', async () => {
    const house = openHouse();
    const answer = await house.send({ content_images: [a, b, a], influence: 0.2, metadata: { set: 'x' } });
    assert.equal(answer.status, 202);
    const view = viewIn(answer);
    assert.equal(answer.headers.location, view.urls.status);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
    assert.deepEqual(
      view.jobs.map(({ content, style }) => [content, style]),
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
      ],
    );
    assert.deepEqual(
      [view.status, view.done, view.counts.total, view.counts.queued],
      ['queued', false, 6, 6],
    );
    assert.deepEqual(view.metadata, { set: 'x' });
    assert.deepEqual((await house.messages()).sort(), view.jobs.map(({ job_id }) => job_id).sort());
    const [first, , , , fifth] = await house.jobs();
    assert.deepEqual(fifth?.inputs, first?.inputs);
    const inputs = ['content-0', 'content-1', 'style-0', 'style-1'];
    assert.deepEqual(
      house.ports.images.keys(),
      inputs.map((name) => `inputs/${view.batch_id}/${name}`),
    );
    for (const job of await house.jobs()) {
      assert.deepEqual([job.parameters.influence, job.metadata], [0.2, { set: 'x' }]);
      assert.equal(job.batch?.id, view.batch_id);
      assert.ok(job.estimate && job.phase === 'waking_worker');
      assert.equal((await house.ports.jobIndex.list({ limit: 10 })).documents.length, 6);
    }
  });

  it('becomes the pairs that it names, each with the parameters of the batch but for its own', async () => {
    const house = openHouse();
    const items = [
      { content: 1, style: 0 },
      { content: 0, style: 1, influence: 0.1, model: 'other', seed: 3 },
      { content: 0, style: 1, output_format: 'webp' },
    ];
    const answer = await house.send({ items, influence: 0.9, creativity: 0.8, output_format: 'jpeg' });
    assert.equal(answer.status, 202);
    const shown = (await house.jobs()).map(({ parameters, inputs }) => [
      parameters.influence,
      parameters.creativity,
      parameters.outputFormat,
      parameters.model,
      parameters.seed,
      inputs.content.slice(-1) + inputs.style.slice(-1),
    ]);
    assert.deepEqual(shown, [
      [0.9, 0.8, 'jpeg', 'impasto-v1', undefined, '10'],
      [0.1, 0.8, 'jpeg', 'other', 3, '01'],
      [0.9, 0.8, 'webp', 'impasto-v1', undefined, '01'],
    ]);
  });

  it('keeps its inputs for as long as one of its jobs can be replayed', async () => {
    const house = openHouse();
    const hours = async (more: object) => {
      const { batch_id, created_at } = viewIn(await house.send(more));
      const record = await house.record(batch_id);
      return Math.round((Date.parse(record?.keptUntil ?? '') - Date.parse(created_at)) / 3_600_000);
    };
    assert.deepEqual([await hours({}), await hours({ retention_hours: 2 })], [24 + 168 + 24, 24 + 2 + 24]);
  });

  it('is refused with everything that is wrong, each at its place', async () => {
    const house = openHouse();
    const bad = Buffer.from('not a picture').toString('base64');
    const answer = await house.send({
      content_images: [a, bad, b, '???'],
      style_images: [c, d],
      items: [
        { content: 0, style: 0 },
        { content: 9, style: 0 },
        { content: 1, style: 7, model: 'none' },
        { content: 3, style: 1 },
      ],
      model: 'nothing',
    });
    const { errors = [] } = problemOf(answer);
    assert.deepEqual(
      errors.map(({ pointer, code }) => [pointer, code]),
      [
        ['/model', 'unknown_model'],
        ['/items/1/content', 'out_of_range'],
        ['/items/2/style', 'out_of_range'],
        ['/items/2/model', 'unknown_model'],
        ['/content_images/2', 'invalid_value'],
        ['/content_images/1', 'unsupported_image_format'],
        ['/content_images/3', 'invalid_base64'],
      ],
    );
    assert.equal(answer.status, 422);
    assert.deepEqual(house.ports.images.keys(), []);
  });

  const refused: readonly (readonly [string, object, number, string, string])[] = [
    [
      'an unknown field of an item',
      { items: [{ content: 0, style: 0, influense: 1 }] },
      422,
      'unknown_field',
      '/items/0/influense',
    ],
    [
      'a place that is no number',
      { items: [{ content: '0', style: 0 }] },
      422,
      'invalid_type',
      '/items/0/content',
    ],
    ['an image that is no text', { content_images: [a, 7] }, 422, 'invalid_type', '/content_images/1'],
    ['no content', { content_images: [] }, 422, 'out_of_range', '/content_images'],
    ['no items', { items: [] }, 422, 'out_of_range', '/items'],
    ['an image by the name of a single job', { content_image: a }, 422, 'unknown_field', '/content_image'],
    [
      'too many jobs',
      { content_images: Array(67).fill(a), style_images: [b, c, d] },
      422,
      'too_many_jobs',
      '/content_images',
    ],
    ['too many items', { items: Array(201).fill({ content: 0, style: 0 }) }, 422, 'too_many_jobs', '/items'],
    [
      'too many images',
      { content_images: Array(201).fill(a), items: [{ content: 0, style: 0 }] },
      422,
      'out_of_range',
      '/content_images',
    ],
    ['events without a receiver', { webhook_events: ['job.failed'] }, 422, 'required', '/webhook_url'],
  ];
  for (const [name, body, status, code, pointer] of refused) {
    it(`is refused for ${name}`, async () => {
      const answer = await openHouse().send(body);
      const [error] = problemOf(answer).errors ?? [];
      assert.deepEqual([answer.status, error?.code, error?.pointer], [status, code, pointer]);
    });
  }

  it('says how many jobs came, and looks at no field of millions', async () => {
    const many = await openHouse().send({ content_images: Array(300).fill(a) });
    assert.match(problemOf(many).detail, /at most 200 jobs in a batch, received 600/);
    const items = Array.from({ length: 150 }, () =>
      Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, i])),
    );
    assert.equal(problemOf(await openHouse().send({ items })).code, 'invalid_body');
  });

  it('of 200 jobs is taken', async () => {
    const house = openHouse();
    const images = { content_images: Array(100).fill(a), style_images: [b, c] };
    const view = viewIn(await house.send(images));
    assert.equal(view.counts.queued, limits.maxBatchJobs);
    assert.equal(await house.ports.queue.countMessages(), 200);
  });

  it('is taken whole or not at all where the queue is nearly full', async () => {
    const house = openHouse({ maxQueued: 5 });
    assert.equal((await house.send()).status, 202);
    const answer = await house.send({}, { 'Idempotency-Key': 'k' });
    assert.deepEqual([answer.status, problemOf(answer).code], [429, 'queue_full']);
    assert.match(problemOf(answer).detail, /for 4 to be taken, found 4/);
    assert.equal((await house.jobs()).length, 4);
    assert.deepEqual(house.ports.idempotencyKeys.names(), []);
    assert.equal(house.ports.images.keys().length, 4);
  });
});

describe('a batch of pictures that were painted before', () => {
  const models = [{ name: 'impasto-v1', version: '1.0.0' }];

  async function painted() {
    const house = openHouse({ models, maxQueued: 6 });
    const first = viewIn(await house.send());
    for (const { index } of first.jobs) await house.bring(index, 'completed');
    return { house, first };
  }
  const sourceOf = async (
    house: Awaited<ReturnType<typeof painted>>['house'],
    { job_id }: BatchView['jobs'][number],
  ) => {
    const stored = await house.ports.jobs.get(job_id);
    return stored?.job.status === 'completed' ? stored.job.reusedFrom : undefined;
  };

  it('is done at once, and needs no place in the queue', async () => {
    const { house, first } = await painted();
    const answer = await house.send({ webhook_url: 'https://hooks.example.com/x' });
    const view = viewIn(answer);
    assert.deepEqual(
      [answer.status, view.status, view.done, view.counts.completed],
      [200, 'completed', true, 4],
    );
    for (const [index, job] of view.jobs.entries()) {
      assert.equal(await sourceOf(house, job), first.jobs[index]?.job_id);
      assert.ok(job.result_url && job.thumbnail_url);
    }
    assert.equal(await house.ports.queue.countMessages(), 4);
    assert.equal(await house.ports.notices.countMessages(), 4);
  });

  it('paints the ones that are new, and all of them where that is wanted', async () => {
    const { house } = await painted();
    const some = viewIn(await house.send({ content_images: [a, pictures[4]] }));
    assert.deepEqual([some.status, some.counts.completed, some.counts.queued], ['processing', 2, 2]);
    const refused = await house.send({ no_cache: true });
    assert.equal(refused.status, 429);
  });
});

describe('a batch that is waited for', () => {
  it('is answered as it is where the time is over, and as soon as it is done', async () => {
    const house = openHouse();
    const early = await house.send({}, { Prefer: 'wait=1' });
    assert.deepEqual([early.status, early.headers['preference-applied']], [202, 'wait=1']);
    const id = viewIn(early).batch_id;
    const waiting = house.get(id, '?wait=30');
    for (const index of good.content_images.flatMap((_, i) => [2 * i, 2 * i + 1]))
      await house.bring(index, 'completed', id);
    const done = await waiting;
    assert.deepEqual([viewIn(done).status, done.headers['retry-after']], ['completed', undefined]);
  });
});
