import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseEnv } from 'node:util';
import { writeStorageFile } from './storage-file.ts';

const connectionString = 'AccountName=a;AccountKey=b==;BlobEndpoint=http://127.0.0.1:1/a;';

describe('storage.env', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'impasto-storage-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('holds the connection string for its owner alone, also where an old file was open to others', async () => {
    const file = join(folder, 'storage.env');
    await writeFile(file, 'old');
    await chmod(file, 0o644);
    const remove = await writeStorageFile(folder, connectionString);
    const variables = parseEnv(await readFile(file, 'utf8'));
    assert.deepEqual({ ...variables }, { STORAGE_CONNECTION_STRING: connectionString });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await remove();
    assert.deepEqual(await readdir(folder), []);
  });
});
