import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { JobError } from '../errors.ts';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { someJob } from '../testing/fixtures.ts';
import { connectStorage, type Storage } from './connect.ts';
import { toStorageError } from './storage-errors.ts';

let emulator: Emulator;
/** An account in which nobody has created anything. */
let storage: Storage;

before(async () => {
  emulator = await startAzurite();
  storage = connectStorage({ STORAGE_CONNECTION_STRING: emulator.connectionString });
});
after(() => emulator.stop());

const isOutage = (error: unknown) => error instanceof JobError && error.code === 'storage_unavailable';
const answered = (statusCode: number, code = '') => Object.assign(new Error('no'), { statusCode, code });
const codeOf = (thrown: unknown) => {
  const error = toStorageError(thrown, 'asking', {});
  return error instanceof JobError ? error.code : error;
};

describe('errors of the storage', () => {
  it('take a missing container or queue for an outage, and not for a job, picture or message that is gone', async () => {
    await assert.rejects(storage.jobs.get(randomUUID()), isOutage);
    await assert.rejects(storage.images.get(`inputs/${randomUUID()}/content`), isOutage);
    await assert.rejects(storage.queue.receive(30), isOutage);
    await assert.rejects(storage.jobs.create(someJob()), isOutage);
  });

  it('wait for what time or an operator may mend, and not for what the service will never take', () => {
    for (const status of [401, 403, 404, 408, 429, 500, 503]) {
      assert.equal(codeOf(answered(status)), 'storage_unavailable', String(status));
    }
    assert.equal(codeOf(new Error('connection reset')), 'storage_unavailable');
    assert.equal(codeOf(answered(400, 'Md5Mismatch')), 'storage_unavailable');
    for (const status of [400, 405, 411, 413]) {
      assert.equal(codeOf(answered(status)), 'internal_error', String(status));
    }
  });

  it('leave an abort of the caller as it is', () => {
    const signal = AbortSignal.abort();
    assert.equal(toStorageError(signal.reason, 'asking', { signal }), signal.reason);
  });
});
