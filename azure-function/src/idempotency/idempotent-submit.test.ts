import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError, type JobStore, transition } from '@impasto/shared';
import { someResult } from '@impasto/shared/testing';
import { postJson, problemOf } from '../testing/invoke.ts';
import { makeTestSubmit } from '../testing/submitting.ts';
import { forever, good, jobIdOf, openDoor } from './testing-house.ts';

const down = () => {
  throw new JobError('storage_unavailable', 'down');
};

describe('a request with an Idempotency-Key', () => {
  it('is replayed with the job that it became, which stays one', async () => {
    const door = openDoor();
    const first = await door.send({ seed: 7 });
    const again = await door.send({ seed: 7 });
    assert.deepEqual([first.status, again.status], [202, 202]);
    assert.equal(jobIdOf(again), jobIdOf(first));
    assert.equal(first.headers['idempotency-replayed'], undefined);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(again.headers.location, first.headers.location);
    assert.equal((await door.jobs()).length, 1);
    // Of a job that waits nobody knows whether its message was sent: one too many does no harm.
    assert.deepEqual(new Set(await door.messages()), new Set([jobIdOf(first)]));
  });

  it('is the same request whatever the form of its JSON', async () => {
    const door = openDoor();
    const first = await door.send({ metadata: { a: '1', b: '2' } });
    const again = await door.send({
      style_image: `data:image/png;base64,${good.style_image}`,
      metadata: { b: '2', a: '1' },
      influence: 0.7,
      no_cache: false,
    });
    assert.equal(jobIdOf(again), jobIdOf(first));
  });

  it('is the same request after another model became the default', async () => {
    const first = openDoor();
    const jobId = jobIdOf(await first.send());
    const models = [{ name: 'newer' }, { name: 'impasto-v1' }];
    const submit = makeTestSubmit(first.ports, { models });
    const again = await postJson(submit, good, { 'Idempotency-Key': 'key' });
    assert.equal(jobIdOf(again), jobId);
  });

  it('is replayed though the name of its receiver resolves no more', async () => {
    const first = openDoor();
    const hook = { webhook_url: 'https://hooks.example.com/x' };
    const jobId = jobIdOf(await first.send(hook));
    const resolveReceiver = () =>
      Promise.reject(new JobError('webhook_url_forbidden', 'Expected another one'));
    const submit = makeTestSubmit(first.ports, { resolveReceiver });
    const again = await postJson(submit, { ...good, ...hook }, { 'Idempotency-Key': 'key' });
    assert.equal(jobIdOf(again), jobId);
    const other = await postJson(submit, { ...good, ...hook }, { 'Idempotency-Key': 'other' });
    assert.equal(problemOf(other).code, 'webhook_url_forbidden');
    assert.equal(first.ports.idempotencyKeys.names().length, 1);
  });

  it('is refused where it asks for something else', async () => {
    const door = openDoor();
    await door.send();
    const others = [{ influence: 0.1 }, { metadata: { a: 'b' } }, { no_cache: true }, { retention_hours: 2 }];
    for (const other of others) {
      const answer = await door.send(other);
      assert.deepEqual([answer.status, problemOf(answer).code], [422, 'idempotency_key_reused']);
    }
    assert.equal((await door.jobs()).length, 1);
    assert.equal((await door.send({ influence: 0.1 }, 'another-key')).status, 202);
  });

  it('does not use up its key where it is refused for what it holds', async () => {
    const door = openDoor();
    assert.equal((await door.send({ influence: 7 })).status, 422);
    assert.deepEqual(door.ports.idempotencyKeys.names(), []);
    assert.equal((await door.send()).status, 202);
  });

  it('is refused for its key before its body is looked at', async () => {
    const door = openDoor();
    for (const key of ['', 'x'.repeat(256), 'with blank', 'caf\u00e9', 'a, b']) {
      const answer = await door.send({ influence: 7 }, key);
      assert.deepEqual([answer.status, problemOf(answer).code], [400, 'idempotency_key_invalid'], key);
    }
    assert.equal((await door.send({}, '~'.repeat(255))).status, 202);
    assert.ok(door.ports.idempotencyKeys.names().every((name) => /^[0-9a-f]{64}$/.test(name)));
  });

  it('is replayed as done once the job is, and as gone once the job is', async () => {
    const door = openDoor();
    const jobId = jobIdOf(await door.send()) ?? '';
    const at = new Date().toISOString();
    const claim = { owner: 'w', attempt: 1 };
    await door.ports.jobs.update(jobId, (job) => transition(job, { type: 'claimed', owner: 'w', at }));
    await door.ports.jobs.update(jobId, (job) =>
      transition(job, {
        type: 'completed',
        claim,
        result: { ...someResult, key: `results/${jobId}/1-a.png` },
        at,
      }),
    );
    const done = await door.send();
    assert.deepEqual([done.status, jobIdOf(done)], [200, jobId]);
    await door.ports.jobs.delete(jobId, () => true);
    const gone = await door.send();
    assert.deepEqual([gone.status, problemOf(gone).code], [410, 'job_gone']);
    assert.ok(problemOf(gone).gone_at);
  });

  it('is told to come back while the one before is under way, and goes on under its id when that fell silent', async () => {
    const door = openDoor();
    let begun = () => {};
    const key = new Promise<void>((resolve) => (begun = resolve));
    door.send({}, 'key', ({ point }) => {
      if (point !== 'inputs.1') return;
      begun();
      return forever;
    });
    await key;
    const early = await door.send();
    assert.deepEqual([early.status, problemOf(early).code], [409, 'idempotency_in_flight']);
    assert.equal(early.headers['retry-after'], '1');
    door.advance(21);
    const late = await door.send();
    assert.equal(late.status, 202);
    assert.deepEqual(door.indexed(), [jobIdOf(late)]);
    assert.equal((await door.jobs())[0]?.confirmed, true);
  });

  it('sends the message of a job that lost it once more, and once only', async () => {
    const door = openDoor();
    let recorded = () => {};
    const dead = new Promise<void>((resolve) => (recorded = resolve));
    door.send({}, 'key', ({ point }) => {
      if (point !== 'message.sent') return;
      recorded();
      return forever;
    });
    await dead;
    const jobId = jobIdOf(await door.send());
    assert.deepEqual(await door.messages(), [jobId], 'expected it before anybody is told of the job');
    door.advance(11);
    await door.send();
    assert.deepEqual(await door.messages(), [jobId]);
  });

  it('is not withdrawn any more once a second one was told of the job', async () => {
    const door = openDoor();
    let fail = () => {};
    let sending = () => {};
    const failure = new Promise<void>((resolve) => (fail = resolve));
    const atSending = new Promise<void>((resolve) => (sending = resolve));
    const first = door.send({}, 'key', async ({ point }) => {
      if (point !== 'message.sent') return;
      sending();
      await failure;
      down();
    });
    await atSending;
    const second = await door.send();
    assert.equal(second.status, 202);
    fail();
    assert.equal(jobIdOf(await first), jobIdOf(second));
    const [job, ...others] = await door.jobs();
    assert.deepEqual(
      [job?.jobId, job?.status, job?.withdrawn, others],
      [jobIdOf(second), 'queued', undefined, []],
    );
    assert.equal(door.ports.images.keys().length, 2);
  });

  it('gets another job where the one before was withdrawn, of which nobody is told', async () => {
    const door = openDoor();
    const webhook_url = 'https://hooks.example.com/x';
    const refused = await door.send({ webhook_url }, 'key', ({ point }) => {
      if (point === 'message.sent') down();
    });
    assert.equal(refused.status, 503);
    const [before] = await door.jobs();
    assert.deepEqual([before?.status, before?.withdrawn, before?.webhook], ['canceled', true, undefined]);
    assert.deepEqual(
      [door.indexed(), door.ports.images.keys(), door.ports.idempotencyKeys.names()],
      [[], [], []],
    );
    const answer = await door.send({ webhook_url });
    assert.equal(answer.status, 202);
    assert.notEqual(jobIdOf(answer), before?.jobId);
    assert.equal(await door.ports.notices.countMessages(), 0);
  });

  it('keeps its id where the storage may yet carry out the write that failed', async () => {
    const door = openDoor();
    const { jobs } = door.ports;
    let late: (() => Promise<void>) | undefined;
    const create: JobStore['create'] = async (job) => {
      late = () => jobs.create(job);
      return down();
    };
    const submit = makeTestSubmit({ ...door.ports, jobs: { ...jobs, create } });
    const refused = await postJson(submit, good, { 'Idempotency-Key': 'key' });
    assert.equal(refused.status, 503);
    await late?.();
    const answer = await door.send();
    assert.equal(answer.status, 202);
    assert.deepEqual(
      (await door.jobs()).map(({ jobId }) => jobId),
      [jobIdOf(answer)],
    );
    assert.equal(door.ports.images.keys().length, 2);
  });

  it('finds the record that the one before writes at the very moment in which it is taken over', async () => {
    const door = openDoor();
    const [still, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = door.send({}, 'key', async ({ point, when }) => {
      if (point !== 'record.created' || when === 'after') return;
      still.resolve();
      await go.promise;
    });
    await still.promise;
    door.advance(21);
    const quick = await door.send({}, 'key', async ({ point, when }) => {
      if (point !== 'record.created' || when === 'after') return;
      go.resolve();
      await slow;
    });
    assert.deepEqual([quick.status, jobIdOf(quick)], [202, jobIdOf(await slow)]);
    const [job, ...others] = await door.jobs();
    assert.deepEqual([job?.status, others, await door.messages()], ['queued', [], [jobIdOf(quick)]]);
  });

  it('leaves the key to the one before, which may wake up yet, where it takes over and is refused itself', async () => {
    const door = openDoor([{ name: 'impasto-v1' }], 1);
    const [still, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = door.send({}, 'key', async ({ point }) => {
      if (point !== 'inputs.1') return;
      still.resolve();
      await go.promise;
    });
    await still.promise;
    await door.ports.queue.send('{}');
    door.advance(21);
    assert.equal((await door.send()).status, 429);
    go.resolve();
    const answer = await slow;
    assert.equal(jobIdOf(await door.send()), jobIdOf(answer));
    assert.equal((await door.jobs()).length, 1);
  });
});
