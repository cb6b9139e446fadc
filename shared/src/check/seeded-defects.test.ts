// Each test breaks exactly one thing in a storage where all is well, and expects the check to find exactly that.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Job, thumbnailKeyOf } from '../job.ts';
import { checkInvariants } from './check-invariants.ts';
import { makeMemoryWorld, tinyPng, type World } from './testing-world.ts';

type Fates = Awaited<ReturnType<World['fill']>>;

/** Changes the record behind the state machine's back. */
function forge(world: World, jobId: string, change: object): Promise<Job> {
  return world.storage.jobs.update(jobId, (job) => ({ ...job, ...change }));
}

async function forgeResult(world: World, jobId: string, change: object): Promise<Job> {
  return world.storage.jobs.update(jobId, (job) =>
    job.status === 'completed' ? { ...job, result: { ...job.result, ...change } } : job,
  );
}

async function keyOf(world: World, jobId: string): Promise<string> {
  const stored = await world.storage.jobs.get(jobId);
  assert.equal(stored?.job.status, 'completed');
  return stored.job.result.key;
}

interface Defect {
  readonly what: string;
  readonly invariant: string;
  /** Breaks one thing and says which subject is to be named, where it is a certain one. */
  readonly seed: (world: World, jobs: Fates) => Promise<string | undefined>;
  readonly detail: RegExp;
}

const defects: readonly Defect[] = [
  {
    what: 'an accepted job without a record',
    invariant: 'I1',
    seed: async ({ history }) => {
      history.push({ call: 'submit', outcome: 'ok', jobId: 'gone', at: new Date().toISOString() });
      return 'gone';
    },
    detail: /accepted and has no record/,
  },
  {
    what: 'an accepted job that is still open',
    invariant: 'I1',
    seed: async ({ submit, claim }) => {
      const { jobId } = await submit();
      await claim(jobId);
      return jobId;
    },
    detail: /^processing \(attempt 1\) for at least/,
  },
  {
    what: 'a completed job whose result is not there',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      await world.storage.images.delete(await keyOf(world, plain.jobId));
      return plain.jobId;
    },
    detail: /does not exist/,
  },
  {
    what: 'a result that was cut off',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      const key = await keyOf(world, plain.jobId);
      await world.storage.images.put(key, tinyPng.subarray(0, 20), 'image/png');
      return plain.jobId;
    },
    detail: /its result has 20 bytes/,
  },
  {
    what: 'a result with other bytes than those that were hashed',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      const changed = Buffer.from(tinyPng).fill(7, 40);
      await world.storage.images.put(await keyOf(world, plain.jobId), changed, 'image/png');
      return plain.jobId;
    },
    detail: /SHA-256/,
  },
  {
    what: 'a result of another type than the record says',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      await world.storage.images.put(await keyOf(world, plain.jobId), tinyPng, 'image/webp');
      return plain.jobId;
    },
    detail: /image\/webp/,
  },
  {
    what: 'a result of another size than the record says',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      await forgeResult(world, plain.jobId, { height: 3 });
      return plain.jobId;
    },
    detail: /its result is 3 x 2, the record says 3 x 3/,
  },
  {
    what: 'a result named after another attempt',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      const key = await keyOf(world, plain.jobId);
      const shared = `results/${plain.jobId}/2-other.png`;
      await world.storage.images.delete(key);
      await world.storage.images.delete(thumbnailKeyOf(key));
      await world.storage.images.put(shared, tinyPng, 'image/png');
      await forgeResult(world, plain.jobId, { key: shared, thumbnail: undefined });
      return plain.jobId;
    },
    detail: /expected a result named results\/.*\/1-/,
  },
  {
    what: 'a failed job without a dead letter',
    invariant: 'I4',
    seed: async ({ storage }, { failed }) => {
      await storage.deadLetters.delete(`${failed.jobId}/0`);
      return failed.jobId;
    },
    detail: /has no dead letter/,
  },
  {
    what: 'a failed job whose dead letter says that it was replayed',
    invariant: 'I4',
    seed: async ({ storage }, { failed }) => {
      await storage.deadLetters.mark(`${failed.jobId}/0`, 'replayed');
      return failed.jobId;
    },
    detail: /was not replayed/,
  },
  {
    what: 'an error code that is not in the list',
    invariant: 'I4',
    seed: async (world, { failed }) => {
      const error = { code: 'oops', message: '', retryable: false };
      await forge(world, failed.jobId, { error });
      const letter = await world.storage.deadLetters.get(`${failed.jobId}/0`);
      assert.ok(letter);
      await world.storage.deadLetters.delete(`${failed.jobId}/0`);
      await world.storage.deadLetters.record(`${failed.jobId}/0`, { ...letter, reason: 'oops' });
      return failed.jobId;
    },
    detail: /expected an error code from the list, found "oops"/,
  },
  {
    what: 'a dead letter of a job that completed',
    invariant: 'I4',
    seed: async ({ storage }, { plain, failed }) => {
      const letter = await storage.deadLetters.get(`${failed.jobId}/0`);
      assert.ok(letter);
      await storage.deadLetters.record(`${plain.jobId}/0`, { ...letter, jobId: plain.jobId });
      return plain.jobId;
    },
    detail: /a completed job with 0 replays has dead letter/,
  },
  {
    what: 'a dead letter that stayed open when its job was replayed',
    invariant: 'I4',
    seed: async ({ storage }, { replayed }) => {
      await storage.deadLetters.mark(`${replayed.jobId}/0`, 'open');
      return replayed.jobId;
    },
    detail: /in state open/,
  },
  {
    what: 'a dead letter of a job that does not exist',
    invariant: 'I4',
    seed: async ({ storage }, { failed }) => {
      const letter = await storage.deadLetters.get(`${failed.jobId}/0`);
      assert.ok(letter);
      await storage.deadLetters.record('0-nobody/0', letter);
      return '0-nobody';
    },
    detail: /without a record/,
  },
  {
    what: 'a failed job with a result',
    invariant: 'I4',
    seed: async (world, { failed }) => {
      await forge(world, failed.jobId, { result: {} });
      return failed.jobId;
    },
    detail: /a failed job has a result/,
  },
  {
    what: 'a canceled job with a result',
    invariant: 'I5',
    seed: async (world, { canceled }) => {
      await forge(world, canceled.jobId, { result: {} });
      return canceled.jobId;
    },
    detail: /a canceled job has a result/,
  },
  {
    what: 'a message when nothing is left to do',
    invariant: 'I6',
    seed: async ({ send }, { plain }) => {
      await send(plain);
      return 'queue';
    },
    detail: /1 messages are left/,
  },
  {
    what: 'an input without a record',
    invariant: 'I7',
    seed: async ({ storage }) => {
      await storage.images.put('inputs/0-nobody/content', tinyPng, 'image/png');
      return 'inputs/0-nobody/content';
    },
    detail: /there is no record of its job/,
  },
  {
    what: 'the result of an attempt that lost',
    invariant: 'I7',
    seed: async ({ storage }, { plain }) => {
      const key = `results/${plain.jobId}/1-loser.png`;
      await storage.images.put(key, tinyPng, 'image/png');
      return key;
    },
    detail: /the record of its completed job does not name it/,
  },
  {
    what: 'the result of a canceled job',
    invariant: 'I7',
    seed: async ({ storage }, { canceled }) => {
      const key = `results/${canceled.jobId}/1-owner.png`;
      await storage.images.put(key, tinyPng, 'image/png');
      return key;
    },
    detail: /its canceled job/,
  },
  {
    what: 'a job that no client was told of',
    invariant: 'I8',
    seed: async ({ submit, complete }) => {
      const before = await submit('fail');
      await complete(before.jobId);
      return undefined;
    },
    detail: /2 jobs exist that no client was told of, and 1 submissions went unanswered/,
  },
  {
    what: 'a canceled job that no client was told of, and that nobody canceled or took back',
    invariant: 'I8',
    seed: async ({ submit, cancel }) => {
      for (let sent = 0; sent < 2; sent += 1) await cancel((await submit('fail')).jobId);
      return undefined;
    },
    detail: /3 jobs exist that no client was told of, and 1 submissions went unanswered/,
  },
  {
    what: 'a refused submission whose job was worked on',
    invariant: 'I8',
    seed: async ({ submit, complete, history }) => {
      const { jobId } = await submit('fail');
      const last = history.pop();
      assert.ok(last);
      history.push({ ...last, jobId, httpStatus: 503 });
      await complete(jobId);
      return jobId;
    },
    detail: /was refused/,
  },
  {
    what: 'an attempt that left no trace',
    invariant: 'I9',
    seed: async (world, { troubled }) => {
      await forge(world, troubled.jobId, { crashes: 0 });
      return troubled.jobId;
    },
    detail: /do not add up/,
  },
  {
    what: 'more attempts than a job has',
    invariant: 'I9',
    seed: async (world, { failed }) => {
      await forge(world, failed.jobId, { attempt: 6, errors: 6 });
      return failed.jobId;
    },
    detail: /6 attempts were spent, expected at most 5/,
  },
  {
    what: 'more crashes than a job may have',
    invariant: 'I9',
    seed: async (world, { failed }) => {
      await forge(world, failed.jobId, { attempt: 4, errors: 0, crashes: 4 });
      return failed.jobId;
    },
    detail: /4 crashes, expected at most 3/,
  },
  {
    what: 'a job that was seen at work again after its end',
    invariant: 'I10',
    seed: async ({ see }, { plain }) => {
      see(plain.jobId, { status: 'processing', attempt: 1, progress: 0.9 });
      return plain.jobId;
    },
    detail: /processing \(attempt 1, progress 0.9\) was seen after completed/,
  },
  {
    what: 'a job that was seen canceled and has completed',
    invariant: 'I10',
    seed: async ({ see }, { troubled }) => {
      see(troubled.jobId, { status: 'canceled', done: true, attempt: 2 });
      return troubled.jobId;
    },
    detail: /completed .* was seen after canceled/,
  },
  {
    what: 'progress that fell within an attempt',
    invariant: 'I10',
    seed: async ({ see }, { troubled }) => {
      see(troubled.jobId, { status: 'processing', attempt: 3, progress: 0.6 });
      see(troubled.jobId, { status: 'processing', attempt: 3, progress: 0.4 });
      return troubled.jobId;
    },
    detail: /progress 0.4\) was seen after processing/,
  },
  {
    what: 'an attempt that fell without a replay',
    invariant: 'I10',
    seed: async ({ see }, { troubled }) => {
      see(troubled.jobId, { status: 'processing', attempt: 1 });
      return troubled.jobId;
    },
    detail: /attempt 1, progress 0\) was seen after queued \(attempt 2/,
  },
  {
    what: 'work on a job that nobody had claimed',
    invariant: 'I10',
    seed: async ({ see }, { troubled }) => {
      see(troubled.jobId, { status: 'processing', attempt: 2 });
      return troubled.jobId;
    },
    detail: /processing \(attempt 2, progress 0\) was seen after queued \(attempt 2/,
  },
  {
    what: 'a thumbnail that is not there',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      await world.storage.images.delete(thumbnailKeyOf(await keyOf(world, plain.jobId)));
      return plain.jobId;
    },
    detail: /its thumbnail .* does not exist/,
  },
  {
    what: 'a thumbnail of another size than the record says',
    invariant: 'I3',
    seed: async (world, { plain }) => {
      await forgeResult(world, plain.jobId, { thumbnail: { width: 1, height: 1, bytes: 9 } });
      const key = thumbnailKeyOf(await keyOf(world, plain.jobId));
      await world.storage.images.put(key, Buffer.from('other'), 'image/webp');
      return plain.jobId;
    },
    detail: /its thumbnail is 5 bytes of image\/webp, the record says 9/,
  },
  {
    what: 'the thumbnail of a result that nobody names',
    invariant: 'I7',
    seed: async ({ storage }, { canceled }) => {
      const key = thumbnailKeyOf(`results/${canceled.jobId}/1-a.png`);
      await storage.images.put(key, tinyPng, 'image/webp');
      return key;
    },
    detail: /its canceled job does not name it/,
  },
  {
    what: 'a picture that was left over when its job was removed',
    invariant: 'I7',
    seed: async ({ storage, remove }, { plain }) => {
      await remove(plain.jobId);
      await storage.images.put(plain.inputs.content, tinyPng, 'image/png');
      return plain.inputs.content;
    },
    detail: /its job was removed/,
  },
  {
    what: 'a dead letter that was left over when its job was removed',
    invariant: 'I4',
    seed: async ({ remove }, { failed }) => {
      await remove(failed.jobId);
      return failed.jobId;
    },
    detail: /is about a job that was removed/,
  },
  {
    what: 'a job that was removed although nobody asked for it',
    invariant: 'I1',
    seed: async ({ remove, history }, { plain }) => {
      await remove(plain.jobId);
      history.pop();
      return plain.jobId;
    },
    detail: /nobody asked for that/,
  },
  {
    what: 'a completed job that nobody painted and that is no copy',
    invariant: 'I9',
    seed: async (world, { plain }) => {
      const job = await world.reuse((await world.storage.jobs.get(plain.jobId))?.job ?? plain);
      await forge(world, job.jobId, { reusedFrom: undefined });
      return job.jobId;
    },
    detail: /0 attempts of a completed job do not add up/,
  },
  {
    what: 'a batch that names a job without a record',
    invariant: 'I1',
    seed: async ({ storage, addBatch, complete }) => {
      const { batchId, items } = await addBatch();
      for (const { jobId } of items) await complete(jobId);
      const { value, version } = (await storage.batches.get(batchId)) ?? assert.fail('no batch');
      const none = { jobId: '0-nobody', content: 0, style: 0 };
      await storage.batches.replace(batchId, { ...value, items: [...value.items, none] }, version);
      return '0-nobody';
    },
    detail: /names the job, which has no record/,
  },
  {
    what: 'a picture that the record of its batch does not name',
    invariant: 'I7',
    seed: async ({ storage, addBatch, complete }) => {
      const { batchId, items } = await addBatch();
      for (const { jobId } of items) await complete(jobId);
      await storage.images.put(`inputs/${batchId}/content-9`, tinyPng, 'image/png');
      return `inputs/${batchId}/content-9`;
    },
    detail: /the record of its batch does not name it/,
  },
  {
    what: 'an end that nobody was told of who wants to know',
    invariant: 'I11',
    seed: async ({ submit, complete }) => {
      const { jobId } = await submit('ok', { webhook });
      await complete(jobId);
      return jobId;
    },
    detail: /wants to know of job.completed/,
  },
  {
    what: 'two jobs of one Idempotency-Key',
    invariant: 'I12',
    seed: async ({ submit, complete, history }) => {
      for (let sent = 0; sent < 2; sent += 1) {
        await complete((await submit()).jobId);
        const last = history.pop();
        assert.ok(last);
        history.push({ ...last, key: 'k' });
      }
      return history.at(-2)?.jobId;
    },
    detail: /key k were told of 2 jobs/,
  },
  {
    what: 'a job that completed after its caller had been told that it is canceled',
    invariant: 'I10',
    seed: async ({ history }, { troubled }) => {
      const view = { status: 'canceled', done: true, attempt: 1, progress: 0, phase: 'done' };
      const { jobId } = troubled;
      history.push({ call: 'cancel', outcome: 'ok', jobId, at: new Date().toISOString(), view });
      return jobId;
    },
    detail: /told that it is canceled, and the record says completed/,
  },
  {
    what: 'a second job of a key whose first answer was lost',
    invariant: 'I8',
    seed: async ({ submit, complete, history }) => {
      const lost = await submit('unknown');
      await complete(lost.jobId);
      const last = history.pop();
      assert.ok(last);
      history.push({ ...last, key: 'k' });
      const told = await submit();
      await complete(told.jobId);
      history.push({ ...(history.pop() ?? last), key: 'k' });
      return undefined;
    },
    detail: /2 jobs exist that no client was told of, and 1 submissions went unanswered/,
  },
];

const webhook = {
  url: 'https://a.example/',
  origin: 'https://b.example',
  events: ['job.completed' as const],
};

describe('a defect among jobs that ended well', () => {
  for (const { what, invariant, seed, detail } of defects) {
    it(`is found where it is ${what} (${invariant}), and nothing else is`, async () => {
      const world = makeMemoryWorld();
      const subject = await seed(world, await world.fill());
      const report = await checkInvariants(world.storage, { history: world.history });
      const [only] = report.violations;
      const found = report.violations.map((violation) => [violation.invariant, violation.subject]);
      assert.deepEqual(found, [[invariant, subject ?? only?.subject]]);
      assert.match(only?.detail ?? '', detail);
    });
  }
});
