// The process ends, or the storage goes away, before or after each single step of a delivery: the receiver hears of every
// event all the same, each time under one id, and one schedule remains.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { announce, type Job, JobError, silentLogger } from '@impasto/shared';
import { makeSweep } from '../sweep/sweep.ts';
import { answered, Crash, delivered, makeWebhookHouse } from '../testing/webhook-house.ts';
import type { DeliverDependencies } from './deliver-webhook.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-04T05:06:07Z') }));
afterEach(() => mock.timers.reset());

const day = 86_400;
const settings = {
  silentSeconds: 180,
  orphanSeconds: day,
  tombstoneHours: 720,
  retentionHours: 720,
  failedRetentionHours: 720,
};

type Call = (...args: never[]) => Promise<unknown>;
type Breakage = { readonly at: number; readonly when: 'before' | 'after'; readonly kind: 'crash' | 'outage' };

/** The same dependencies, of which one step breaks; `steps` is how many there were. */
function breaking(deps: DeliverDependencies, breakage: Breakage | undefined) {
  const count = { steps: 0 };
  const broken = () =>
    breakage?.kind === 'crash' ? new Crash() : new JobError('storage_unavailable', 'away');
  const guard =
    (call: Call): Call =>
    async (...args) => {
      count.steps += 1;
      const isHere = breakage?.at === count.steps;
      if (isHere && breakage.when === 'before') throw broken();
      const answer = await call(...args);
      if (isHere) throw broken();
      return answer;
    };
  const port = <T extends object>(calls: T): T =>
    Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, guard(call)])) as T;
  const { jobs, deliveries, notices } = deps;
  const guarded = { jobs: port(jobs), deliveries: port(deliveries), notices: port(notices) };
  // What a receiver does never throws; that the process ends while it is called may be.
  const send = breakage?.kind === 'crash' ? (guard(deps.send as Call) as typeof deps.send) : deps.send;
  return { count, deps: { ...deps, ...guarded, send } };
}

/** A receiver that fails twice; a day with sweeps. */
async function play(breakage: Breakage | undefined, message: 'sent' | 'lost' = 'sent') {
  const house = makeWebhookHouse({ outcomes: [answered(500), answered(500), delivered] });
  const job = await house.submit(['job.completed', 'job.failed']);
  const done = await house.complete(job);
  if (message === 'sent') await announce(house.notices, done);
  const broken = breaking(house.deps, breakage);
  const sweep = makeSweep({ ...house, settings, log: silentLogger });
  for (let seconds = 0; seconds < 2 * 3600; seconds += 20) {
    await house.deliver(broken.deps);
    mock.timers.tick(20_000);
    if (seconds % 60 === 0) await sweep();
  }
  return { house, job, steps: broken.count.steps };
}

async function assertTold(
  { house, job }: { house: ReturnType<typeof makeWebhookHouse>; job: Job },
  most: number,
) {
  const delivery = await house.deliveryOf(job);
  assert.equal(delivery?.state, 'delivered');
  assert.ok(house.received.length >= 3 && house.received.length <= most, `${house.received.length} calls`);
  assert.deepEqual(
    [...new Set(house.received.map(({ headers }) => headers['webhook-id']))],
    [`${job.jobId}.job.completed.0`],
  );
  assert.equal(new Set(house.received.map(({ body }) => body)).size, 1);
  assert.equal(await house.notices.countMessages(), 0);
}

describe('an event that a receiver wants to know', () => {
  it('is told where nothing breaks, and where the message never came', async () => {
    await assertTold(await play(undefined), 3);
    await assertTold(await play(undefined, 'lost'), 3);
  });

  for (const kind of ['crash', 'outage'] as const) {
    for (const when of ['before', 'after'] as const) {
      it(`is told whatever step a ${kind} comes ${when}`, async () => {
        const { steps } = await play(undefined);
        assert.ok(steps > 9, `${steps} steps`);
        for (let at = 1; at <= steps + 3; at += 1) {
          await assertTold(await play({ at, when, kind }), 4);
        }
      });
    }
  }
});
