// The same random walks with the real adapters and in real time, side by side, each on an account of its own.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Accounts, startAccounts } from './accounts.ts';
import { anyCommand, type Command, carryOut, comeToRest } from './commands.ts';
import { makeLock } from './memory-ports.ts';
import { replayOptions } from './replay-options.ts';
import { realTime } from './time.ts';
import { openWorld } from './world.ts';

const leaseSeconds = 1;
const walks = 24;
const { seed = Date.now() } = replayOptions(process.env);
/** Time is real: no walk waits for long, and none for a deadline. */
const quick = anyCommand.filter((command) => command.do !== 'tick' || command.leases < 2);

let accounts: Accounts;
before(async () => {
  accounts = await startAccounts(walks);
});
after(() => accounts.stop());

describe(`a random walk on a storage emulator (PROOF_SEED=${seed})`, { concurrency: 8 }, () => {
  const sampled = fc.sample(fc.array(quick, { minLength: 10, maxLength: 40, size: 'max' }), {
    numRuns: walks,
    seed,
  });
  for (const [index, commands] of sampled.entries())
    it(`number ${index + 1} does what the model says and comes to rest`, () => play(commands));
});

async function play(commands: readonly Command[]): Promise<void> {
  const ports = { ...(await accounts.open()), sweeping: makeLock(10) };
  const world = openWorld({ ports, time: realTime, leaseSeconds, exact: false });
  for (const command of commands) await carryOut(world, command);
  assert.deepEqual(await comeToRest(world), []);
}
