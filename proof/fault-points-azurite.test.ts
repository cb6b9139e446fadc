// The faults that storage makes most of, at every named moment, with the real adapters and in real time.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FaultPoint } from '../shared/src/testing/fault-points.ts';
import { type Accounts, startAccounts } from './accounts.ts';
import { type Fault, faultKinds } from './faults.ts';
import { makeLock } from './memory-ports.ts';
import { play } from './play.ts';
import { moments } from './stories.ts';
import { realTime } from './time.ts';

const leaseSeconds = 1;
const kinds = faultKinds.filter((kind) => ['crash_after', 'cut', 'duplicate_after'].includes(kind));
/** Reads have nothing to leave behind: in memory is enough for them. */
const reads: readonly FaultPoint[] = [
  'listed',
  'peeked',
  'locked',
  'record.read',
  'dead.read',
  'document.read',
];
const scenes = moments.flatMap(([actor, story, ...points]) =>
  points
    .filter((point) => !reads.includes(point))
    // A key that fell silent is taken over after some twenty seconds: in memory, where time is free, that is tried out.
    .filter(() => story !== 'keyed')
    .flatMap((point) => kinds.map((kind) => ({ actor, story, fault: { point, kind, occurrence: 1 } }))),
);

let accounts: Accounts;
before(async () => {
  accounts = await startAccounts(scenes.length);
});
after(() => accounts.stop());

describe('on a storage emulator', { concurrency: 16 }, () => {
  for (const { actor, story, fault } of scenes) {
    it(`${actor}, ${story}: ${textOf(fault)} loses, doubles and leaves nothing`, async (test) => {
      // The service's own lock outlives a dead sweeper by a minute.
      const ports = { ...(await accounts.open()), sweeping: makeLock(10) };
      const stage = { ports, time: realTime, leaseSeconds, restLeases: 3, exact: false };
      const { fired, complaints } = await play(stage, { actor, story, fault, beside: [] });
      if (!fired) test.diagnostic('the moment did not come');
      assert.deepEqual(complaints, []);
    });
  }
});

function textOf({ kind, point }: Fault): string {
  return `${kind} at ${point}`;
}
