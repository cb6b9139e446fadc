// Where to find the storage of this stack while it runs: for `impasto check --storage-env`, and for whoever looks into it.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes `storage.env` with the connection string, which changes with every start, for the owner of the folder alone.
 * @returns what removes it.
 */
export async function writeStorageFile(
  dataDir: string,
  connectionString: string,
): Promise<() => Promise<void>> {
  const file = join(dataDir, 'storage.env');
  const remove = () => rm(file, { force: true });
  // One that is still there, of a stack that was killed, would keep its own permissions.
  await remove();
  await writeFile(file, `STORAGE_CONNECTION_STRING="${connectionString}"\n`, { mode: 0o600, flag: 'wx' });
  return remove;
}
