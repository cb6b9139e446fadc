// Azurite as a process of its own, keeping its data in a folder. That folder has one owner at a time.
import { messageOf } from '@impasto/shared';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { azuriteEnvironment } from './config.ts';
import { lockFolder } from './lock.ts';
import { serveParent } from './serve-parent.ts';

/** A stack that was killed leaves an Azurite that is still writing its data down; that takes seconds at most. */
const predecessorMs = 15_000;

await serveParent(async () => {
  const { AZURITE_DATA_DIR: dataDir } = azuriteEnvironment();
  if (lockFolder(dataDir, predecessorMs) === undefined) {
    throw new Error(
      `Expected a data folder that is free, received ${dataDir}, which another Azurite is using`,
    );
  }
  const emulator = await startAzurite({ dataDir }).catch((error: unknown) => {
    throw new Error(
      `Expected stored jobs that Azurite can read, received ${dataDir} (${messageOf(error)}); move that folder away to start anew`,
    );
  });
  return { ready: { connectionString: emulator.connectionString }, stop: () => emulator.stop() };
});
