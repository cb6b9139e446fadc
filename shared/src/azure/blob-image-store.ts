// Encoded images in blobs: one put is one request, so that a reader sees a whole image or none.
import type { Readable } from 'node:stream';
import type { BlobServiceClient, BlockBlobClient } from '@azure/storage-blob';
import type { ImageStore } from '../ports.ts';
import { imageCallSeconds, limited } from './call-limits.ts';
import { isNotFound, toStorageError } from './storage-errors.ts';

export function makeBlobImageStore(service: BlobServiceClient): ImageStore {
  function blobOf(key: string): BlockBlobClient {
    const slash = key.indexOf('/');
    if (slash < 1) throw new Error(`Expected an image key of the form container/name, received ${key}`);
    return service.getContainerClient(key.slice(0, slash)).getBlockBlobClient(key.slice(slash + 1));
  }

  return {
    async put(key, image, contentType, options = {}) {
      try {
        const headers = { blobHTTPHeaders: { blobContentType: contentType } };
        await blobOf(key).upload(image, image.byteLength, {
          ...headers,
          ...limited(options, imageCallSeconds),
        });
      } catch (error) {
        throw toStorageError(error, `storing ${key}`, options);
      }
    },

    async get(key, options = {}) {
      try {
        const answer = await blobOf(key).download(0, undefined, limited(options, imageCallSeconds));
        if (!(answer.readableStreamBody && answer.contentLength !== undefined && answer.etag)) {
          throw new Error('the answer has no body, length or ETag');
        }
        return {
          // The SDK declares less than it gives: in Node this always is a Readable.
          body: answer.readableStreamBody as Readable,
          bytes: answer.contentLength,
          contentType: answer.contentType ?? 'application/octet-stream',
          etag: answer.etag,
        };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw toStorageError(error, `reading ${key}`, options);
      }
    },

    async delete(key, options = {}) {
      try {
        await blobOf(key).deleteIfExists(limited(options, imageCallSeconds));
      } catch (error) {
        throw toStorageError(error, `deleting ${key}`, options);
      }
    },
  };
}
