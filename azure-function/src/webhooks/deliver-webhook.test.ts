// What becomes of a notice, on storage in memory and in a time that the test moves.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { announce, JobError, makeLogger, webhookPayloadSchema } from '@impasto/shared';
import { someResult } from '@impasto/shared/testing';
import { replayJob } from '../dead-letters/replay-job.ts';
import { answered, delivered, makeWebhookHouse, testKeys } from '../testing/webhook-house.ts';
import { makeReceiverLanes } from './receiver-lanes.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-04T05:06:07Z') }));
afterEach(() => mock.timers.reset());
const pass = (seconds: number) => mock.timers.tick(seconds * 1000);
const hour = 3600;

describe('a notice', () => {
  it('becomes one signed request about what the record shows, and a delivery that says so', async () => {
    const house = makeWebhookHouse();
    const job = await house.submit(undefined, { metadata: { shop: '7' } });
    await announce(house.notices, await house.complete(job));
    assert.equal(await house.deliver(), 1);
    const [request] = house.received;
    assert.ok(request);
    const { type, timestamp, data } = webhookPayloadSchema.parse(JSON.parse(request.body));
    assert.deepEqual([type, timestamp], ['job.completed', '2026-03-04T05:06:07.000Z']);
    assert.deepEqual([data.job_id, data.status, data.done], [job.jobId, 'completed', true]);
    assert.deepEqual(
      [data.metadata, data.error, data.result?.sha256],
      [{ shop: '7' }, null, someResult.sha256],
    );
    assert.equal(data.urls.result, `https://impasto.example/api/result/${job.jobId}`);
    assert.equal(request.headers['webhook-id'], `${job.jobId}.job.completed.0`);
    assert.deepEqual([request.url, request.traceparent], [job.webhook?.url, job.traceparent]);
    const delivery = await house.deliveryOf(job);
    assert.deepEqual([delivery?.state, delivery?.attempts.length], ['delivered', 1]);
    assert.equal(delivery?.nextAttemptAt, undefined);
  });

  it('comes to nothing where the job was removed, withdrawn, or is in another state by now', async () => {
    const house = makeWebhookHouse();
    const removed = await house.complete(await house.submit());
    const withdrawn = await house.submit(undefined, { withdrawn: true });
    const notices = [removed, await house.fail(await house.submit())];
    for (const job of notices) await announce(house.notices, job);
    await house.jobs.delete(removed.jobId, () => true);
    const [, failed] = notices;
    assert.ok(failed);
    await house.replay(failed);
    await house.notices.send(JSON.stringify(noticeOf(withdrawn.jobId)));
    assert.equal(await house.deliver(), 3);
    assert.deepEqual([house.received.length, house.deliveries.names()], [0, []]);
  });

  it('that cannot be read is put aside; one of a later version comes back', async () => {
    const house = makeWebhookHouse();
    await house.notices.send('{"v":1,"job_id":"../../x"}');
    await house.notices.send('"text"');
    await house.notices.send('{"v":2}');
    assert.equal(await house.deliver(), 3);
    assert.equal(await house.notices.countMessages(), 1);
  });

  it('is not answered with the address of the receiver in the log', async () => {
    const lines: string[] = [];
    const log = makeLogger({ level: 'debug', write: (line) => lines.push(line) });
    const house = makeWebhookHouse({ outcomes: [answered(500), delivered] });
    await announce(house.notices, await house.complete(await house.submit()));
    await house.deliver({ log });
    pass(10);
    await house.deliver({ log });
    assert.equal(lines.filter((line) => line.includes('webhook.tried')).length, 2);
    assert.doesNotMatch(lines.join('\n'), /very-secret|\/hook/);
  });

  it('has less than 20 kB, whatever the caller and the model have written', async () => {
    const house = makeWebhookHouse();
    const worst = (letter: string) =>
      Object.fromEntries(
        Array.from({ length: 16 }, (_, n) => [String(n).padEnd(64, 'k'), letter.repeat(256)]),
      );
    const wide = await house.submit(undefined, { metadata: worst('€') });
    await announce(house.notices, await house.fail(wide, { message: '€'.repeat(1e5) }));
    await announce(
      house.notices,
      await house.complete(await house.submit([...events], { metadata: worst('\u0001') })),
    );
    await house.deliver();
    const [first, second] = house.received.map(({ body }) => body);
    assert.ok(first && second);
    for (const body of [first, second]) assert.ok(Buffer.byteLength(body) < 20_000);
    assert.equal(Object.keys(JSON.parse(first).data.metadata).length, 16);
  });
});

const events = ['job.completed'] as const;

function noticeOf(jobId: string) {
  const which = { event: 'job.completed', delivery_id: 'job.completed.0', round: 0, attempt: 0 };
  return { v: 1, job_id: jobId, ...which };
}

describe('a receiver that fails', () => {
  it('is called again with the same bytes and the same id, each time newly signed', async () => {
    const house = makeWebhookHouse({ outcomes: [answered(500), answered(500), delivered] });
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    await house.deliver();
    const waiting = await house.deliveryOf(job);
    assert.deepEqual([waiting?.state, waiting?.triesInRound], ['pending', 1]);
    pass(7);
    await house.deliver();
    assert.equal(await house.deliver(), 0, 'expected five minutes of patience');
    pass(331);
    await house.deliver();
    assert.equal(new Set(house.received.map(({ body }) => body)).size, 1);
    assert.equal(new Set(house.received.map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.equal(new Set(house.received.map(({ headers }) => headers['webhook-timestamp'])).size, 3);
    const delivery = await house.deliveryOf(job);
    assert.deepEqual(
      delivery?.attempts.map(({ httpStatus }) => httpStatus),
      [500, 500, 204],
    );
    assert.equal(delivery?.state, 'delivered');
  });

  it('is called ten times over three days, and then no more', async () => {
    const house = makeWebhookHouse({ outcomes: [{ kind: 'failed', error: 'timeout', latencyMs: 15_000 }] });
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    for (let hours = 0; hours < 90; hours += 0.1) {
      await house.deliver();
      pass(0.1 * hour);
    }
    assert.equal(house.received.length, 10);
    const times = house.received.map(({ atMs }) => atMs);
    const hours = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 3_600_000;
    assert.ok(hours > 75 && hours < 84, `${hours} h`);
    const delivery = await house.deliveryOf(job);
    assert.deepEqual([delivery?.state, delivery?.attempts.at(-1)?.error], ['failed', 'timeout']);
    assert.equal(await house.notices.countMessages(), 0);
  });

  it('hears of a failure with the same bytes also after the job was replayed', async () => {
    const house = makeWebhookHouse({ outcomes: [answered(503), delivered] });
    const job = await house.fail(await house.submit());
    await announce(house.notices, job);
    await house.deliver();
    await house.replay(job);
    await announce(house.notices, await house.complete(job));
    pass(10);
    await house.deliver();
    const types = house.received.map(({ body }) => JSON.parse(body).type);
    assert.deepEqual(types.toSorted(), ['job.completed', 'job.failed', 'job.failed']);
    assert.equal(new Set(house.received.map(({ body }) => body)).size, 2);
  });

  it('that answers 410 hears no more of this job, and the log of deliveries says why', async () => {
    const house = makeWebhookHouse({ outcomes: [answered(410), delivered] });
    const job = await house.submit(['job.started', 'job.completed']);
    await announce(house.notices, await house.begin(job));
    await house.deliver();
    await announce(house.notices, await house.complete(job));
    await house.deliver();
    assert.equal(house.received.length, 1);
    const states = [await house.deliveryOf(job, 'job.started.0'), await house.deliveryOf(job)];
    assert.deepEqual(
      states.map((one) => [one?.state, one?.attempts.length]),
      [
        ['disabled', 1],
        ['disabled', 0],
      ],
    );
  });

  it('keeps no more than the latest 30 attempts', async () => {
    const house = makeWebhookHouse({ outcomes: [answered(500)] });
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    const nextStep = () => ({ step: 'retry', delaySeconds: 1 }) as const;
    for (let count = 0; count < 40; count += 1) {
      await house.deliver({ nextStep });
      pass(2);
    }
    const delivery = await house.deliveryOf(job);
    assert.deepEqual([delivery?.attempts.length, delivery?.triesInRound], [30, 40]);
  });
});

describe('the beginning of a job', () => {
  it('is told once, whether or not that works', async () => {
    const house = makeWebhookHouse({ outcomes: [answered(500), delivered] });
    const job = await house.submit(['job.started']);
    await announce(house.notices, await house.begin(job));
    await house.deliver();
    const delivery = await house.deliveryOf(job, 'job.started.0');
    assert.deepEqual([delivery?.state, delivery?.attempts.length], ['failed', 1]);
    assert.equal(JSON.parse(house.received[0]?.body ?? '').data.status, 'processing');
    assert.equal(await house.notices.countMessages(), 0);
  });

  it('is no news once the job has ended, also where it had begun to be told', async () => {
    const house = makeWebhookHouse();
    const late = await house.submit(['job.started']);
    await announce(house.notices, await house.begin(late));
    await house.complete(late);
    await house.deliver();
    assert.deepEqual([house.received.length, house.deliveries.names()], [0, []]);
    const held = await house.submit(['job.started']);
    await announce(house.notices, await house.begin(held));
    const lanes = { run: async () => ({ ran: false, comeBackInSeconds: 1 }) as const };
    await house.deliver({ lanes });
    await house.complete(held);
    pass(2);
    await house.deliver();
    assert.equal((await house.deliveryOf(held, 'job.started.0'))?.state, 'failed');
    assert.equal(house.received.length, 0);
  });
});

describe('a message that comes too late, or twice', () => {
  it('is dropped, and leaves one schedule', async () => {
    const house = makeWebhookHouse({ outcomes: [answered(500)] });
    const job = await house.complete(await house.submit());
    for (let count = 0; count < 5; count += 1) await announce(house.notices, job);
    await house.deliver();
    assert.deepEqual([house.received.length, await house.notices.countMessages()], [1, 1]);
    pass(10);
    await house.deliver();
    assert.deepEqual([house.received.length, await house.notices.countMessages()], [2, 1]);
  });

  it('at the same moment as the other sends twice, but only one of them goes on', async () => {
    const gate = Promise.withResolvers<void>();
    const house = makeWebhookHouse();
    const job = await house.complete(await house.submit());
    let sent = 0;
    const send = async () => {
      sent += 1;
      if (sent === 2) gate.resolve();
      await gate.promise;
      return answered(500);
    };
    await announce(house.notices, job);
    await announce(house.notices, job);
    await Promise.all([house.deliver({ send }), house.deliver({ send })]);
    assert.deepEqual([sent, await house.notices.countMessages()], [2, 1]);
    assert.equal((await house.deliveryOf(job))?.attempts.length, 1);
  });
});

describe('a receiver whose lane is full', () => {
  it('is called later, and neither the schedule nor the sweeper takes that for an attempt', async () => {
    const house = makeWebhookHouse();
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    const lanes = { run: async () => ({ ran: false, comeBackInSeconds: 20 }) as const };
    for (let seconds = 0; seconds < 300; seconds += 20) {
      await house.deliver({ lanes });
      pass(20);
      const [listed] = (await house.deliveries.list({ limit: 1 })).documents;
      const overdueSeconds = (Date.now() - Date.parse(listed?.label ?? '')) / 1000;
      assert.ok(overdueSeconds < 100, `overdue since ${overdueSeconds} s`);
    }
    assert.deepEqual((await house.deliveryOf(job))?.attempts, []);
    assert.equal(await house.notices.countMessages(), 1);
    await house.deliver({ lanes: makeReceiverLanes() });
    assert.equal((await house.deliveryOf(job))?.state, 'delivered');
  });
});

describe('a service that has lost its secrets', () => {
  it('fails to deliver and tries by the schedule, until there are some again', async () => {
    const house = makeWebhookHouse();
    const job = await house.complete(await house.submit());
    await announce(house.notices, job);
    await house.deliver({ keys: undefined });
    const waiting = await house.deliveryOf(job);
    assert.deepEqual([waiting?.state, waiting?.attempts[0]?.error], ['pending', 'webhooks_off']);
    pass(7);
    await house.deliver({ keys: testKeys });
    assert.equal((await house.deliveryOf(job))?.state, 'delivered');
  });
});

describe('a storage that is away', () => {
  it('brings the message back', async () => {
    const house = makeWebhookHouse();
    await announce(house.notices, await house.complete(await house.submit()));
    const get = () => Promise.reject(new JobError('storage_unavailable', 'it went away'));
    await house.deliver({ jobs: { get } });
    assert.equal(house.received.length, 0);
    pass(31);
    await house.deliver();
    assert.equal(house.received.length, 1);
  });
});

describe('a job that has failed and is replayed before anybody was told', () => {
  it('is told of in both of its ends', async () => {
    const house = makeWebhookHouse();
    const job = await house.submit();
    for (const key of Object.values(job.inputs)) await house.images.put(key, Buffer.from('x'), 'image/png');
    const failed = await house.fail(job);
    await announce(house.notices, failed);
    const letter = { jobId: job.jobId, replays: 0, state: 'open' } as const;
    await replayJob({ ...house, expiryHours: 24 }, letter);
    await house.deliver();
    await announce(house.notices, await house.complete(job));
    await house.deliver();
    assert.deepEqual(
      house.received.map(({ body }) => JSON.parse(body).type),
      ['job.failed', 'job.completed'],
    );
    assert.equal((await house.deliveryOf(job, 'job.failed.0'))?.state, 'delivered');
  });
});
