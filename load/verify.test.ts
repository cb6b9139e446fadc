// The check after a level, on a storage from which a job has vanished.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeMemoryPorts } from '@impasto/shared/testing';
import type { Caller } from './calls.ts';
import { verdictOf } from './measure.ts';
import type { Rig } from './rig.ts';
import { verify } from './verify.ts';

const at = '2026-01-02T03:04:05.678Z';
const jobId = '6f1f2c1e-3c1b-4a55-9d3e-0a3c8f1f8a11';

function rigWith(history: Caller['history'], log = ''): Rig {
  return {
    url: 'http://127.0.0.1:1',
    history,
    signal: new AbortController().signal,
    storage: makeMemoryPorts(),
    pidsOf: () => [],
    readProbe: () => Promise.reject(new Error('Expected no probe to be read')),
    readLogs: async () => new Map([['function.log', log]]),
  };
}

async function brokenIn(rig: Rig): Promise<{ broken: string[]; remarks: readonly string[] }> {
  const { measures, remarks } = await verify(rig);
  const broken = measures.filter((measure) => verdictOf(measure) === 'BROKEN').map(({ what }) => what);
  return { broken, remarks };
}

describe('the check after a level', () => {
  it('finds nothing where nothing was done', async () => {
    assert.deepEqual(await brokenIn(rigWith([])), { broken: [], remarks: [] });
  });

  it('misses a job that was accepted and is not there', async () => {
    const { broken, remarks } = await brokenIn(rigWith([{ call: 'submit', outcome: 'ok', jobId, at }]));
    assert.deepEqual(broken, ['accepted jobs not completed', 'broken promises']);
    assert.match(remarks.join(), new RegExp(`I1 ${jobId}`));
  });

  it('tells of submissions that nobody answered', async () => {
    const { broken } = await brokenIn(rigWith([{ call: 'submit', outcome: 'unknown', at }]));
    assert.deepEqual(broken, ['submissions without an answer']);
  });

  it('finds a secret in a log, and does not repeat it', async () => {
    const { broken, remarks } = await brokenIn(
      rigWith([], 'failed: AccountKey=c2VjcmV0LWtleS0xMjM0NTY3ODkw'),
    );
    assert.deepEqual(broken, ['broken promises']);
    assert.match(remarks.join(), /^I14 function\.log: an account key/);
    assert.doesNotMatch(remarks.join(), /xMjM0/);
  });
});
