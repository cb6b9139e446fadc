import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  announce,
  type DeliveryList,
  type DeliveryView,
  deliveryListSchema,
  deliveryViewSchema,
  type Job,
} from '@impasto/shared';
import { invoke, problemOf } from '../testing/invoke.ts';
import { makeTestViews } from '../testing/views.ts';
import { answered, delivered, makeWebhookHouse } from '../testing/webhook-house.ts';
import { makeListDeliveries } from './list-deliveries.ts';
import { makeRedeliver } from './redeliver.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-04T05:06:07Z') }));
afterEach(() => mock.timers.reset());
const pass = (seconds: number) => mock.timers.tick(seconds * 1000);

function setUp(...outcomes: NonNullable<Parameters<typeof makeWebhookHouse>[0]>['outcomes'] & object) {
  const house = makeWebhookHouse({ outcomes });
  const deps = { ...house, ...makeTestViews(house) };
  const path = (job: Job) => `/api/jobs/${job.jobId}/deliveries`;
  return {
    ...house,
    list: (job: Job) => invoke(makeListDeliveries(deps), { path: path(job), params: { job_id: job.jobId } }),
    redeliver: (job: Job, delivery_id = 'job.completed.0') =>
      invoke(makeRedeliver(deps), {
        method: 'POST',
        path: `${path(job)}/x/redeliver`,
        params: { job_id: job.jobId, delivery_id },
      }),
  };
}

describe('the deliveries of a job', () => {
  it('are listed with their attempts, oldest first, and the one that nobody has come to yet', async () => {
    const house = setUp(answered(500), delivered);
    const job = await house.submit(['job.started', 'job.completed']);
    await announce(house.notices, await house.begin(job));
    await house.deliver();
    pass(1);
    await house.complete(job);
    const { status, body } = await house.list(job);
    const { job_id, deliveries } = deliveryListSchema.parse(body) as DeliveryList;
    assert.deepEqual([status, job_id, deliveries.length], [200, job.jobId, 2]);
    const [started, completed] = deliveries;
    assert.deepEqual([started?.event, started?.state], ['job.started', 'failed']);
    assert.deepEqual(started?.attempts, [
      { at: '2026-03-04T05:06:07.000Z', http_status: 500, error: null, latency_ms: 3 },
    ]);
    assert.deepEqual([completed?.state, completed?.attempts], ['pending', []]);
    assert.equal(completed?.webhook_id, `${job.jobId}.job.completed.0`);
    const address = `http://localhost:7071/api/jobs/${job.jobId}/deliveries/job.completed.0/redeliver`;
    assert.equal(completed?.urls.redeliver, address);
  });

  it('are none where there is no receiver, or nothing to tell yet', async () => {
    const house = setUp();
    for (const job of [await house.submit(), await house.submit([], { webhook: undefined } as Partial<Job>)])
      assert.deepEqual((await house.list(job)).body, { job_id: job.jobId, deliveries: [] });
  });

  it('are gone with the job', async () => {
    const house = setUp();
    const job = await house.complete(await house.submit());
    await house.jobs.delete(job.jobId, () => true);
    for (const answer of [await house.list(job), await house.redeliver(job)])
      assert.deepEqual([answer.status, problemOf(answer).code], [410, 'job_gone']);
  });
});

describe('redeliver', () => {
  it('sends again what was delivered, under the same id, once for however many calls', async () => {
    const house = setUp();
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    await house.deliver();
    const answers = [];
    for (let count = 0; count < 3; count += 1) answers.push(await house.redeliver(job));
    for (const { status, body } of answers) {
      const view = deliveryViewSchema.parse(body) as DeliveryView;
      assert.deepEqual([status, view.state, view.attempts.length], [202, 'pending', 1]);
    }
    assert.equal(await house.deliver(), 1);
    const [first, second] = house.received;
    assert.equal(house.received.length, 2);
    assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id']);
    assert.equal(first?.body, second?.body);
    const delivery = await house.deliveryOf(job);
    assert.deepEqual([delivery?.state, delivery?.round, delivery?.attempts.length], ['delivered', 1, 2]);
  });

  it('is one delivery for two calls at the same moment', async () => {
    const house = setUp();
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    await house.deliver();
    const answers = await Promise.all([house.redeliver(job), house.redeliver(job)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202],
    );
    assert.equal(await house.notices.countMessages(), 1);
  });

  it('does not wait for a far attempt, and what was to come then does not come', async () => {
    const house = setUp(answered(500), answered(500), delivered);
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    await house.deliver();
    pass(7);
    await house.deliver();
    assert.equal((await house.redeliver(job)).status, 202);
    await house.deliver();
    assert.equal(house.received.length, 3);
    pass(3600);
    assert.equal(await house.deliver(), 1);
    assert.equal(house.received.length, 3);
    assert.equal((await house.deliveryOf(job))?.state, 'delivered');
  });

  it('calls one that has asked for no more, for somebody has asked for it', async () => {
    const house = setUp(answered(410), delivered);
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    await house.deliver();
    await house.redeliver(job);
    await house.deliver();
    assert.equal((await house.deliveryOf(job))?.state, 'delivered');
  });

  it('begins a delivery that is due and was never begun', async () => {
    const house = setUp();
    const job = await house.complete(await house.submit());
    assert.equal((await house.redeliver(job)).status, 202);
    await house.deliver();
    assert.equal((await house.deliveryOf(job))?.state, 'delivered');
    assert.equal(house.received.length, 1);
  });

  it('knows no delivery that is neither there nor due', async () => {
    const house = setUp();
    const job = await house.complete(await house.submit());
    for (const id of ['job.failed.0', 'job.completed.1', '', '../x', 'x'.repeat(500), 'job.completed.0/..']) {
      const answer = await house.redeliver(job, id);
      assert.deepEqual([answer.status, problemOf(answer).code], [404, 'delivery_not_found'], id);
    }
    assert.equal(await house.notices.countMessages(), 0);
  });
});
