// Every fault at every named moment of the protocol, in memory and in virtual time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultKinds } from './faults.ts';
import { makeMemoryPorts } from './memory-ports.ts';
import { play, type Scene } from './play.ts';
import { moments } from './stories.ts';
import { inVirtualTime } from './virtual-time.ts';

const leaseSeconds = 30;

for (const [actor, story, ...points] of moments) {
  describe(`whatever happens to the ${actor}, ${story}`, () => {
    for (const point of points) {
      for (const kind of faultKinds) {
        it(`${kind} at ${point}: nothing is lost, doubled or left over`, async () => {
          const fault = { point, kind, occurrence: 1 };
          await check({ actor, story, fault, beside: [] });
          const withoutSweeper = (actor === 'worker' || actor === 'operator') && story !== 'told';
          // What callers do is between them and their job.
          if (actor === 'caller' || actor === 'postman' || story === 'keyed') return;
          await check({ actor, story, fault, beside: ['plain', 'retry'], withoutSweeper });
        });
      }
    }
  });
}

async function check(scene: Scene): Promise<void> {
  const { complaints } = await inVirtualTime(async (time) =>
    play({ ports: makeMemoryPorts(), time, leaseSeconds, exact: true }, scene),
  );
  assert.deepEqual(complaints, []);
}
