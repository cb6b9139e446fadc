// A submission names a receiver whose name server says nothing: its caller waits for that, and nobody else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeMemoryPorts } from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { openHouse } from '../batch/testing-house.ts';
import { makeLargeBodyQueue } from '../http/large-bodies.ts';
import { postJson, problemOf } from '../testing/invoke.ts';
import { startNameServer } from '../testing/name-server.ts';
import { makeTestSubmit } from '../testing/submitting.ts';
import { makeResolveSubmitted } from '../webhooks/check-submitted-receiver.ts';
import { makeResolveHost } from '../webhooks/resolve-receiver.ts';

const picture = tinyPng(32, 24).toString('base64');
const good = { content_image: picture, style_image: picture };

describe('a submission whose receiver has a silent name server', () => {
  let names: Awaited<ReturnType<typeof startNameServer>>;
  before(async () => {
    names = await startNameServer((name) => (name === 'inside.example' ? ['10.0.0.1'] : undefined));
  });
  after(() => names.stop());

  function setUp() {
    const ports = makeMemoryPorts();
    const resolveReceiver = makeResolveSubmitted(makeResolveHost([names.server]));
    return { ...ports, submit: makeTestSubmit(ports, { resolveReceiver }) };
  }

  it('is taken after a while, and does not hold up one without a receiver', async () => {
    const { submit } = setUp();
    // No length is announced here: each of them counts as large.
    const silent = Array.from({ length: 20 }, (_, n) =>
      postJson(submit, { ...good, webhook_url: `https://h${n}.silent.example/hook` }),
    );
    let isAnySilentTaken = false;
    for (const one of silent)
      void one.then(() => {
        isAnySilentTaken = true;
      });
    const plain = await postJson(submit, good);
    assert.deepEqual([plain.status, isAnySilentTaken], [202, false]);
    for (const { status } of await Promise.all(silent)) assert.equal(status, 202);
  });

  it('does not hold up others where it is a batch', async () => {
    const resolveReceiver = makeResolveSubmitted(makeResolveHost([names.server]));
    const house = openHouse({ resolveReceiver });
    const silent = Array.from({ length: 5 }, (_, n) =>
      house.send({ webhook_url: `https://h${n}.silent.example/hook` }),
    );
    const first = await Promise.race([...silent.map((one) => one.then(() => 'silent')), house.send()]);
    assert.notEqual(first, 'silent');
    for (const { status } of await Promise.all(silent)) assert.equal(status, 202);
    const refused = problemOf(await house.send({ webhook_url: 'https://inside.example/hook' }));
    assert.equal(refused.code, 'webhook_url_forbidden');
  });

  it('is refused where the name is one of inside, before anything is stored', async () => {
    const { submit, jobs, images, idempotencyKeys, jobIndex } = setUp();
    const answer = await postJson(
      submit,
      { ...good, webhook_url: 'https://inside.example/hook' },
      { 'idempotency-key': 'k' },
    );
    const { status, code, errors } = problemOf(answer);
    assert.deepEqual([status, code, errors?.[0]?.pointer], [422, 'webhook_url_forbidden', '/webhook_url']);
    assert.deepEqual(
      [images.keys(), idempotencyKeys.names(), jobIndex.names(), await Array.fromAsync(jobs.list())],
      [[], [], [], []],
    );
  });
});

describe('a large body that waits for somebody else', () => {
  it('leaves its place meanwhile, and comes back before those who have not begun', async () => {
    const inTurn = makeLargeBodyQueue();
    const seen: string[] = [];
    const named = Promise.withResolvers<void>();
    const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const waiting = inTurn(null, async (aside) => {
      await aside(() => named.promise);
      seen.push('came back');
    });
    const others = gates.map((gate, n) =>
      inTurn(null, async () => {
        seen.push(`other ${n}`);
        await gate.promise;
      }),
    );
    await new Promise(setImmediate);
    assert.deepEqual(seen, ['other 0', 'other 1']);
    named.resolve();
    await new Promise(setImmediate);
    gates[0]?.resolve();
    await waiting;
    for (const gate of gates) gate.resolve();
    await Promise.all(others);
    assert.deepEqual(seen, ['other 0', 'other 1', 'came back', 'other 2']);
  });
});
