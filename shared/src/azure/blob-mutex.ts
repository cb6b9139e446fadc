// A right that one process at a time can hold: the lease of an empty blob.
import type { BlobLeaseClient, ContainerClient } from '@azure/storage-blob';
import type { CallOptions, Mutex } from '../ports.ts';
import { limited, timeLimit } from './call-limits.ts';
import { isConflict, isNotFound, toStorageError } from './storage-errors.ts';

/** The longest that the service gives. Whoever dies with the right keeps it no longer than this. */
const leaseSeconds = 60;
const renewSeconds = 20;
/** Below the time that the platform gives a function. */
const longestWorkSeconds = 200;

export function makeBlobMutex(
  container: ContainerClient,
  name: string,
  { workSeconds = longestWorkSeconds } = {},
): Mutex {
  const blob = container.getBlockBlobClient(name);

  /** A lease id of its own for each try: asked again with the same one the service gives the lease again. */
  async function acquire(options: CallOptions): Promise<BlobLeaseClient | undefined> {
    const lease = blob.getBlobLeaseClient();
    try {
      await lease.acquireLease(leaseSeconds, limited(options)).catch(async (error) => {
        if (!isNotFound(error)) throw error;
        await blob.upload('', 0, limited(options));
        await lease.acquireLease(leaseSeconds, limited(options));
      });
      return lease;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw toStorageError(error, `taking the lock ${name}`, options);
    }
  }

  return {
    async tryRun(work, options = {}) {
      const lease = await acquire(options);
      if (!lease) return false;
      const lost = new AbortController();
      const renewing = setInterval(() => {
        lease.renewLease(limited({}, renewSeconds)).catch((error) => {
          if (isConflict(error)) lost.abort(toStorageError(error, `keeping the lock ${name}`, {}));
        });
      }, renewSeconds * 1000);
      const given = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal;
      try {
        await work(timeLimit(workSeconds, given));
        return true;
      } finally {
        clearInterval(renewing);
        // A lock that cannot be given back runs out by itself.
        await lease.releaseLease(limited({})).catch(() => {});
      }
    },
  };
}
