// Random walks through the whole service, in memory and in virtual time, beside a model of what it ought to do.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anyCommand, type Command, carryOut, comeToRest } from './commands.ts';
import { makeMemoryPorts } from './memory-ports.ts';
import { replayOptions } from './replay-options.ts';
import { inVirtualTime } from './virtual-time.ts';
import { openWorld } from './world.ts';

describe('a random walk through the service', () => {
  it('does to every job what the model says, and brings every job to an end', async () => {
    const walk = fc.asyncProperty(fc.array(anyCommand, { maxLength: 60, size: 'max' }), (commands) =>
      play(commands),
    );
    await fc.assert(walk, { numRuns: 300, ...replayOptions(process.env) });
  });
});

async function play(commands: readonly Command[]): Promise<void> {
  await inVirtualTime(async (time) => {
    const world = openWorld({ ports: makeMemoryPorts(), time, leaseSeconds: 30, exact: true });
    for (const command of commands) await carryOut(world, command);
    assert.deepEqual(await comeToRest(world), []);
  });
}
