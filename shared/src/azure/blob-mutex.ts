// A right that one process at a time can hold: the lease of an empty blob.
import type { BlobLeaseClient, ContainerClient } from '@azure/storage-blob';
import type { CallOptions, Mutex } from '../ports.ts';
import { limited } from './call-limits.ts';
import { isConflict, isNotFound, toStorageError } from './storage-errors.ts';

/** The longest that the service gives. Whoever dies with the right keeps it no longer than this. */
const leaseSeconds = 60;
/** The work is told to end before the right does. */
const workSeconds = 50;

export function makeBlobMutex(container: ContainerClient, name: string): Mutex {
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
      const limit = AbortSignal.timeout(workSeconds * 1000);
      try {
        await work(options.signal ? AbortSignal.any([options.signal, limit]) : limit);
        return true;
      } finally {
        // A lock that cannot be given back runs out by itself.
        await lease.releaseLease(limited({})).catch(() => {});
      }
    },
  };
}
