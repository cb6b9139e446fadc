// Answers of the storage that get lost on their way to the door, one after the other, over real sockets against Azurite.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { connectStorage, createContainersAndQueue, type Storage } from '@impasto/shared/azure';
import { type Emulator, startAzurite } from '@impasto/shared/testing/azurite';
import { type FaultProxy, type Rule, startFaultProxy } from '@impasto/shared/testing/fault-proxy';
import { postJson } from '../testing/invoke.ts';
import { makeTestSubmit } from '../testing/submitting.ts';
import { good, jobIdOf } from './testing-house.ts';

let emulator: Emulator;
let proxy: FaultProxy;
let direct: Storage;
let faulty: Storage;

before(async () => {
  emulator = await startAzurite();
  const { connectionString } = emulator;
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: connectionString });
  proxy = startFaultProxy({ connectionString });
  direct = connectStorage({ STORAGE_CONNECTION_STRING: connectionString });
  faulty = connectStorage({ STORAGE_CONNECTION_STRING: await proxy.open('door') });
});
after(async () => {
  await proxy.stop();
  await emulator.stop();
});

it('F1: one key is one job, whichever answer of the storage is lost', async () => {
  const submit = makeTestSubmit(faulty, { models: [{ name: 'impasto-v1', version: '1.0.0' }] });
  const writes: string[] = [];
  const isWrite: Rule = ({ method, path }) => {
    if (method === 'PUT' || method === 'POST') writes.push(path.replace(/[0-9a-f-]{36,}/g, '*'));
    return undefined;
  };
  proxy.setRule(isWrite);
  assert.equal((await postJson(submit, { ...good, seed: 0 }, { 'Idempotency-Key': 'count' })).status, 202);
  const kinds = new Set(writes);
  assert.ok(kinds.size >= 6, [...kinds].join());
  let seed = 0;
  for (const kind of kinds) {
    seed += 1;
    const send = () => postJson(submit, { ...good, seed }, { 'Idempotency-Key': `k${seed}` });
    let cuts = 0;
    proxy.setRule(({ path }) => {
      const isIt = path.replace(/[0-9a-f-]{36,}/g, '*') === kind && cuts++ === 0;
      return isIt ? { kind: 'cut_after' } : undefined;
    });
    const first = await send();
    assert.equal(cuts > 0, true, kind);
    assert.equal(first.status, 202, `${kind}: ${JSON.stringify(first.body)}`);
    proxy.setRule(undefined);
    const again = await send();
    assert.deepEqual([again.status, jobIdOf(again)], [202, jobIdOf(first)], kind);
  }
  const statuses: string[] = [];
  for await (const { status } of direct.jobs.list()) statuses.push(status);
  assert.deepEqual(statuses, Array(kinds.size + 1).fill('queued'));
});
