// Dead letters as create-if-absent blobs: the first word about a failure stands.
import type { ContainerClient } from '@azure/storage-blob';
import type { DeadLetterStore } from '../ports.ts';
import { limited } from './call-limits.ts';
import { isConflict, toStorageError } from './storage-errors.ts';

export function makeBlobDeadLetterStore(container: ContainerClient): DeadLetterStore {
  return {
    async record(name, letter, options = {}) {
      const body = JSON.stringify(letter);
      try {
        await container.getBlockBlobClient(`${name}.json`).upload(body, Buffer.byteLength(body), {
          conditions: { ifNoneMatch: '*' },
          blobHTTPHeaders: { blobContentType: 'application/json' },
          ...limited(options),
        });
      } catch (error) {
        if (!isConflict(error)) throw toStorageError(error, `recording dead letter ${name}`, options);
      }
    },
  };
}
