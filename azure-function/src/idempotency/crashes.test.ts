// A request that ends, fails or loses its answer at each call to the storage in turn, and the ones that come after it with
// the same key: in the end there is one job.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError } from '@impasto/shared';
import fc from 'fast-check';
import type { FaultCall, FaultHook } from '../../../shared/src/testing/fault-points.ts';
import type { Answer } from '../testing/invoke.ts';
import { forever, jobIdOf, openDoor } from './testing-house.ts';

type Door = ReturnType<typeof openDoor>;
type Trouble = 'crash' | 'failure';

const models = [{ name: 'impasto-v1', version: '1.0.0' }];

/** Lets so many moments of the protocol pass, and strikes at the next one. */
function strikeAt(moment: number, trouble: Trouble, onCrash = () => {}): FaultHook {
  let count = 0;
  let isDead = false;
  return () => {
    if (!isDead && count++ !== moment) return;
    if (trouble === 'failure') throw new JobError('storage_unavailable', 'down');
    isDead = true;
    onCrash();
    return forever;
  };
}

/** What a submission asks of the storage, before and after each call. */
async function moments(prepare: (door: Door) => Promise<unknown>): Promise<string[]> {
  const door = openDoor(models);
  await prepare(door);
  const seen: string[] = [];
  const note = ({ point, when }: FaultCall) => void seen.push(`${when} ${point}`);
  assert.equal((await door.send({}, 'key', note)).status, 202);
  return seen;
}

/** The one job of the key is there, whole, and somebody will do it. */
async function assertOneJob(door: Door, answers: readonly Answer[], what: string): Promise<void> {
  const taken = await door.taken();
  assert.equal(taken.length, 1, `${what}: ${taken.length} jobs`);
  const [job] = taken;
  assert.ok(job);
  for (const answer of answers) if (answer.status < 300) assert.equal(jobIdOf(answer), job.jobId, what);
  const indexed = door.indexed().filter((jobId) => jobId === job.jobId);
  assert.equal(indexed.length, 1, `${what}: ${indexed.length} entries in the index`);
  const stored = door.ports.images.keys();
  for (const input of Object.values(job.inputs)) assert.ok(stored.includes(input), `${what}: no ${input}`);
  assert.ok((await door.messages()).includes(job.jobId), `${what}: no message`);
}

const nothing = async () => {};
/** The second request finds the key of one that fell silent, and nothing else. */
async function leaveKey(door: Door): Promise<void> {
  await new Promise<void>((resolve) => {
    door.send({}, 'key', ({ point, when }) => {
      if (point !== 'key.written' || when !== 'after') return;
      resolve();
      return forever;
    });
  });
  door.advance(21);
}

describe('a request that is struck at any moment', () => {
  for (const [situation, prepare] of [
    ['first of its key', nothing],
    ['one that takes over', leaveKey],
  ] as const) {
    it(`and is the ${situation}: a crash leaves no more than one job`, async () => {
      const all = await moments(prepare);
      assert.ok(all.length >= 14, all.join());
      for (const [index, moment] of all.entries()) {
        const door = openDoor(models);
        await prepare(door);
        await new Promise<void>((resolve) => {
          door.send({}, 'key', strikeAt(index, 'crash', resolve));
        });
        const soon = await door.send();
        assert.ok([202, 409].includes(soon.status), `${moment}: ${soon.status}`);
        door.advance(21);
        await assertOneJob(door, [soon, await door.send(), await door.send()], `crash ${moment}`);
      }
    });

    it(`and is the ${situation}: a failure leaves no more than one job`, async () => {
      for (const [index, moment] of (await moments(prepare)).entries()) {
        const door = openDoor(models);
        await prepare(door);
        const struck = await door.send({}, 'key', strikeAt(index, 'failure'));
        assert.ok([202, 409, 503].includes(struck.status), `${moment}: ${struck.status}`);
        if (struck.status === 503 && prepare === nothing) {
          const open = (await door.taken()).map(({ status }) => status);
          assert.deepEqual(open, [], `${moment}: refused, and left a job`);
        }
        const soon = await door.send();
        door.advance(21);
        await assertOneJob(door, [struck, soon, await door.send(), await door.send()], `failure ${moment}`);
      }
    });
  }
});

/** Stands still at one moment until it is let go, and then goes on or fails. */
function standStillAt(moment: number, goesOn: boolean) {
  const [still, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const hook: FaultHook = async () => {
    if (count++ !== moment) return;
    still.resolve();
    await go.promise;
    if (!goesOn) throw new JobError('storage_unavailable', 'down');
  };
  return { hook, still: still.promise, go: go.resolve };
}

describe('a request that stands still while another one with its key comes', () => {
  for (const [seconds, goesOn] of [
    [0, true],
    [0, false],
    [21, true],
    [21, false],
  ] as const) {
    it(`for ${seconds} s, and then ${goesOn ? 'goes on' : 'fails'}: they are one job, whatever befalls the other`, async () => {
      const [first, second] = [await moments(nothing), await moments(leaveKey)];
      const some = [...second.keys()].filter((index) => seconds > 0 || index % 4 === 0);
      const strikes = [...some, Number.POSITIVE_INFINITY];
      for (const [index, moment] of first.entries()) {
        for (const strike of strikes) {
          const door = openDoor(models);
          const { hook, still, go } = standStillAt(index, goesOn);
          const slow = door.send({}, 'key', hook);
          await still;
          door.advance(seconds);
          const quick = await door.send({}, 'key', strikeAt(strike, 'failure'));
          go();
          const answers = [quick, await slow];
          for (let last = 0; last < 3; last += 1) {
            door.advance(21);
            answers.push(await door.send());
          }
          await assertOneJob(door, answers, `still ${moment}, then failure ${second[strike]}`);
        }
      }
    });
  }
});

describe('many requests with one key', () => {
  it('become one job, however their steps interleave and whichever of them crash or fail', async () => {
    const trouble = fc.option(
      fc.record({ moment: fc.nat(24), trouble: fc.constantFrom<Trouble>('crash', 'failure') }),
    );
    const troubles = fc.array(trouble, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), troubles, fc.nat(2), async (scheduler, sends, leaps) => {
        const door = openDoor(models);
        const answers: Answer[] = [];
        const ends = sends.map((strike) =>
          send(door, scheduler, strike).then((one) => one && answers.push(one)),
        );
        for (let leap = 0; leap < leaps; leap += 1)
          scheduler.schedule(Promise.resolve(), 'time').then(() => door.advance(21));
        await scheduler.waitFor(Promise.all(ends));
        door.advance(21);
        for (let last = 0; last < 3; last += 1) {
          answers.push(await door.send());
          door.advance(21);
        }
        assert.equal(answers.at(-1)?.status, 202);
        await assertOneJob(door, answers, 'in the end');
      }),
      { numRuns: 100 },
    );
  });
});

/** @returns undefined where the request crashed. */
function send(
  door: Door,
  scheduler: fc.Scheduler,
  strike: { moment: number; trouble: Trouble } | null,
): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const hook = strike ? strikeAt(strike.moment, strike.trouble, () => resolve(undefined)) : () => {};
    const inTurn: FaultHook = async (call) => {
      await scheduler.schedule(Promise.resolve(), `${call.when} ${call.point}`);
      await hook(call);
    };
    door.send({}, 'key', inTurn).then(resolve, reject);
  });
}
