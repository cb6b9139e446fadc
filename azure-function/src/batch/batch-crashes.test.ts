import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError } from '@impasto/shared';
import type { FaultHook, FaultPoint } from '../../../shared/src/testing/fault-points.ts';
import { problemOf } from '../testing/invoke.ts';
import { forever, type House, openHouse, viewIn } from './testing-house.ts';

const key = { 'Idempotency-Key': 'key' };

interface Fault {
  readonly point: FaultPoint;
  readonly when: 'before' | 'after';
  /** At which of the calls of this kind. */
  readonly nth: number;
}

const faults: readonly Fault[] = (
  [
    ['key.written', 1],
    ['inputs.2', 1],
    ['inputs.2', 3],
    ['batch.written', 1],
    ['indexed', 1],
    ['record.created', 1],
    ['record.created', 3],
    ['message.sent', 1],
    ['message.sent', 4],
    ['batch.written', 2],
  ] as const
).flatMap(([point, nth]) => [
  { point, nth, when: 'before' },
  { point, nth, when: 'after' },
]);

/** The record is there, as a look at it shows: then the submission goes on. */
const isHarmless = ({ point, when }: Fault) => point === 'record.created' && when === 'after';

const nameOf = ({ point, when, nth }: Fault) => `${when} ${point}, number ${nth}`;

function at(fault: Fault, strike: () => Promise<void> | void): FaultHook {
  let calls = 0;
  return ({ point, when }) => {
    if (point !== fault.point || when !== fault.when) return;
    calls += 1;
    return calls === fault.nth ? strike() : undefined;
  };
}

/** From now on the process does nothing more. */
function crashAt(fault: Fault): { hook: FaultHook; crashed: Promise<void> } {
  let crash = () => {};
  let isDead = false;
  const crashed = new Promise<void>((resolve) => (crash = resolve));
  const strike = () => {
    isDead = true;
    crash();
    return forever;
  };
  const hook = at(fault, strike);
  return { hook: (call) => (isDead ? forever : hook(call)), crashed };
}

/** One batch, four jobs, all in the index, each with a message, and no image too many. */
async function assertOneBatch(house: House, batchId: string): Promise<void> {
  const record = await house.record(batchId);
  const ids = record?.items.map(({ jobId }) => jobId).sort() ?? [];
  assert.equal(ids.length, 4);
  assert.equal(record?.intake, undefined);
  const jobs = (await house.jobs()).filter(({ status }) => status === 'queued');
  assert.deepEqual(jobs.map(({ jobId }) => jobId).sort(), ids);
  assert.deepEqual([...new Set(await house.messages())].sort(), ids);
  assert.equal(house.ports.jobIndex.names().length, 4);
  const named = new Set([...(record?.contents ?? []), ...(record?.styles ?? [])]);
  assert.deepEqual(
    house.ports.images.keys().filter((name) => name.includes(batchId)),
    [...named].sort(),
  );
}

describe('a batch with an Idempotency-Key', () => {
  it('is replayed as it is by then, and another one under the key is refused', async () => {
    const house = openHouse();
    const first = viewIn(await house.send({}, key));
    await house.bring(1, 'processing');
    const again = await house.send({}, key);
    assert.deepEqual([again.status, again.headers['idempotency-replayed']], [202, 'true']);
    assert.deepEqual([viewIn(again).batch_id, viewIn(again).status], [first.batch_id, 'processing']);
    assert.equal(problemOf(await house.send({ influence: 0.1 }, key)).code, 'idempotency_key_reused');
    assert.equal((await house.jobs()).length, 4);
    await house.remove(first.batch_id);
    assert.equal(problemOf(await house.send({}, key)).code, 'batch_gone');
  });

  for (const fault of faults) {
    it(`is finished by the next request where its process ended ${nameOf(fault)}`, async () => {
      const house = openHouse();
      const { hook, crashed } = crashAt(fault);
      const first = house.send({}, key, hook);
      await Promise.race([crashed, first]);
      const early = await house.send({}, key);
      const isSettled = early.status === 202;
      if (!isSettled) assert.deepEqual([early.status, problemOf(early).code], [409, 'idempotency_in_flight']);
      house.advance(21);
      const late = await house.send({}, key);
      assert.equal(late.status, 202);
      await assertOneBatch(house, viewIn(late).batch_id);
      assert.equal(house.ports.batches.names().length, 1);
    });

    it(`is finished by the next request where its storage failed ${nameOf(fault)}`, async () => {
      const house = openHouse();
      const first = await house.send({}, key, at(fault, down));
      assert.equal(first.status, isHarmless(fault) ? 202 : 503);
      let answer = await house.send({}, key);
      if (answer.status === 409) {
        house.advance(21);
        answer = await house.send({}, key);
      }
      assert.equal(answer.status, 202, nameOf(fault));
      await assertOneBatch(house, viewIn(answer).batch_id);
    });
  }

  it('is one batch where it comes twice at once, and where one that was taken for dead goes on', async () => {
    const house = openHouse();
    let wake = () => {};
    const woken = new Promise<void>((resolve) => (wake = resolve));
    let asleep = () => {};
    const sleeping = new Promise<void>((resolve) => (asleep = resolve));
    const first = house.send(
      {},
      key,
      at({ point: 'batch.written', when: 'before', nth: 1 }, () => {
        asleep();
        return woken;
      }),
    );
    await sleeping;
    assert.equal((await house.send({}, key)).status, 409);
    house.advance(21);
    const second = viewIn(await house.send({}, key));
    wake();
    assert.equal(viewIn(await first).batch_id, second.batch_id);
    await assertOneBatch(house, second.batch_id);
  });
});

describe('a batch without a key', () => {
  for (const fault of faults.filter((one) => one.point !== 'key.written' && !isHarmless(one))) {
    it(`leaves nothing that anybody works on where its storage failed ${nameOf(fault)}`, async () => {
      const house = openHouse();
      const answer = await house.send({}, {}, at(fault, down));
      assert.deepEqual([answer.status, problemOf(answer).retryable], [503, true]);
      const left = [house.ports.images.keys(), house.ports.batches.names(), house.ports.jobIndex.names()];
      assert.deepEqual([await house.jobs(), ...left], [[], [], [], []]);
    });
  }

  it('stays for the sweeper where the storage stays away, and is never shown as one that goes on for ever', async () => {
    const house = openHouse();
    let isDown = false;
    const answer = await house.send({}, {}, ({ point }) => {
      isDown ||= point === 'message.sent';
      if (isDown) down();
    });
    assert.equal(answer.status, 503);
    const [id = ''] = house.ports.batches.names();
    const record = await house.record(id);
    assert.ok(record && Date.parse(record.keptUntil) > Date.now());
    for (const { batch } of await house.jobs()) await house.bring(batch?.index ?? 0, 'expired');
    house.advance(601);
    assert.equal(viewIn(await house.get(id)).done, true);
  });

  it('is taken although nobody can look at it then', async () => {
    const house = openHouse();
    const answer = await house.send({}, {}, ({ point }) => {
      if (point === 'record.read') down();
    });
    assert.deepEqual([answer.status, viewIn(answer).counts.queued], [202, 4]);
    assert.equal((await house.jobs()).length, 4);
  });
});

function down(): never {
  throw new JobError('storage_unavailable', 'down');
}
