// The memory of processes over time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@impasto/shared/testing';
import { growthPercent, memoryOf, startMemoryLog } from './memory.ts';

const MiB = 1024 ** 2;
const flatAfter = (warmSeconds: number) =>
  Array.from({ length: 60 }, (_, seconds) => ({
    seconds,
    bytes: seconds < warmSeconds ? MiB * seconds : 200 * MiB,
  }));

describe('the memory of a part', () => {
  it('has not grown when it only grew while it warmed up', () => {
    assert.equal(growthPercent(flatAfter(15)), 0);
  });

  it('has grown when it goes on growing', () => {
    const growing = Array.from({ length: 60 }, (_, seconds) => ({ seconds, bytes: (100 + seconds) * MiB }));
    const growth = growthPercent(growing);
    assert.ok(growth > 20 && growth < 25, `${growth} %`);
  });

  it('is unknown where nothing was seen, or of a process that is gone', async () => {
    assert.ok(Number.isNaN(growthPercent([])));
    assert.ok(Number.isNaN(await memoryOf(2 ** 22 + 1, 'VmRSS')));
  });

  it('is read from time to time until it is told to stop', {
    skip: process.platform !== 'linux',
  }, async () => {
    const stopping = new AbortController();
    const log = startMemoryLog(() => [process.pid], stopping.signal);
    const sample = await until('a sample', () => log.samples[0]);
    stopping.abort();
    assert.ok(sample.bytes > 10 * MiB, `${sample.bytes} bytes`);
    assert.ok((await memoryOf(process.pid, 'VmHWM')) >= sample.bytes / 2);
  });
});
