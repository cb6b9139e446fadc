// The check on a real storage emulator.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectStorage, createContainersAndQueue } from '../azure/index.ts';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { checkInvariants } from './check-invariants.ts';
import { makeWorld, tinyPng } from './testing-world.ts';

describe('checkInvariants on Azurite', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await startAzurite();
  });
  after(() => emulator.stop());

  it('finds nothing where all is well, and each defect where there are many', async () => {
    const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
    await createContainersAndQueue(settings);
    const storage = connectStorage(settings);
    const world = makeWorld(storage);
    const { history } = world;
    const { plain, failed, canceled, troubled } = await world.fill();
    const clean = await checkInvariants(storage, { history });
    assert.deepEqual(clean.violations, []);
    assert.deepEqual([clean.jobs.completed, clean.crashes, clean.replays, clean.recovered], [4, 1, 1, 1]);

    const open = await world.submit();
    const cut = await world.submit();
    const completed = await world.complete(cut.jobId);
    const key = completed.status === 'completed' ? completed.result.key : '';
    await storage.images.put(key, tinyPng.subarray(1), 'image/png');
    await storage.deadLetters.delete(`${failed.jobId}/0`);
    await storage.images.put(`results/${canceled.jobId}/1-loser.png`, tinyPng, 'image/png');
    await storage.images.put('inputs/nobody/style', tinyPng, 'image/png');
    await storage.jobs.update(troubled.jobId, (job) => ({ ...job, crashes: 0 }));
    world.see(plain.jobId, { status: 'processing', attempt: 1 });
    await world.complete((await world.submit('fail')).jobId);
    const { violations, stuck, orphans } = await checkInvariants(storage, { history });
    const found = violations.map(({ invariant, subject }) =>
      invariant === 'I8' ? 'I8' : `${invariant} ${subject}`,
    );
    const expected = [
      `I1 ${open.jobId}`,
      `I3 ${cut.jobId}`,
      `I4 ${failed.jobId}`,
      'I7 inputs/nobody/style',
      `I7 results/${canceled.jobId}/1-loser.png`,
      'I8',
      `I9 ${troubled.jobId}`,
      `I10 ${plain.jobId}`,
    ];
    assert.deepEqual(found, expected);
    assert.deepEqual({ stuck, orphans }, { stuck: 1, orphans: 2 });
  });
});
