import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { JobError } from '@impasto/shared';
import { patiently } from './patiently.ts';

const never = new AbortController().signal;
const outage = () => Promise.reject(new JobError('storage_unavailable', 'no answer'));
const isOutage = (error: unknown) => error instanceof JobError && error.code === 'storage_unavailable';

describe('a call that has to get through', () => {
  it('is repeated until it does, and tells of each try that did not', async () => {
    let tries = 0;
    let heard = 0;
    const call = async () => {
      tries += 1;
      return tries < 3 ? await outage() : 'through';
    };
    assert.equal(await patiently(30, never, call, () => heard++), 'through');
    assert.deepEqual([tries, heard], [3, 2]);
  });

  it('is given up when its time is over, whatever memory is collected in the meantime', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    assert.ok(typeof collect === 'function');
    const collecting = setInterval(() => collect(), 50);
    const startedMs = performance.now();
    await assert.rejects(patiently(1, never, outage), isOutage);
    clearInterval(collecting);
    assert.ok(performance.now() - startedMs < 20_000);
  });

  it('is given up when there is no point any more', async () => {
    const over = new AbortController();
    const trying = patiently(60, over.signal, outage);
    await delay(20);
    over.abort();
    await assert.rejects(trying, isOutage);
  });

  it('is not repeated for anything but an outage', async () => {
    let tries = 0;
    const call = async () => {
      tries += 1;
      throw new JobError('image_corrupt', 'cut off');
    };
    await assert.rejects(patiently(30, never, call), /cut off/);
    assert.equal(tries, 1);
  });
});
