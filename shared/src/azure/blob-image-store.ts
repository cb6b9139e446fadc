// Encoded images in blobs: one put is one request, so that a reader sees a whole image or none.
import type { Readable } from 'node:stream';
import type { BlobServiceClient, BlockBlobClient } from '@azure/storage-blob';
import type { CallOptions, ImageStore, ListedImage } from '../ports.ts';
import { blobPages } from './blob-pages.ts';
import { limited, longCallSeconds } from './call-limits.ts';
import type { SignBlob } from './sign-blob.ts';
import { isNotFound, secondsBetween, toStorageError } from './storage-errors.ts';

export function makeBlobImageStore(service: BlobServiceClient, sign: SignBlob): ImageStore {
  function split(key: string): { container: string; name: string } {
    const slash = key.indexOf('/');
    if (slash < 1) throw new Error(`Expected an image key of the form container/name, received ${key}`);
    return { container: key.slice(0, slash), name: key.slice(slash + 1) };
  }

  function blobOf(key: string): BlockBlobClient {
    const { container, name } = split(key);
    return service.getContainerClient(container).getBlockBlobClient(name);
  }

  async function* list(start: string, options: CallOptions): AsyncGenerator<ListedImage> {
    const { container, name: prefix } = split(start);
    try {
      for await (const page of blobPages(service.getContainerClient(container), { prefix }, options)) {
        for (const { name, properties } of page.segment.blobItems) {
          const ageSeconds = secondsBetween(properties.lastModified, page.date);
          yield { key: `${container}/${name}`, bytes: properties.contentLength ?? 0, ageSeconds };
        }
      }
    } catch (error) {
      throw toStorageError(error, `listing ${start}`, options);
    }
  }

  return {
    list: (prefix, options = {}) => list(prefix, options),

    async put(key, image, contentType, options = {}) {
      try {
        const { md5 } = options;
        await blobOf(key).upload(image, image.byteLength, {
          blobHTTPHeaders: { blobContentType: contentType, ...(md5 && { blobContentMD5: md5 }) },
          ...limited(options, longCallSeconds),
        });
      } catch (error) {
        throw toStorageError(error, `storing ${key}`, options);
      }
    },

    async get(key, options = {}) {
      try {
        const { offset, count } = options.range ?? { offset: 0, count: undefined };
        const answer = await blobOf(key).download(offset, count, limited(options, longCallSeconds));
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

    sign: (key, options) => sign(blobOf(key), options),

    async delete(key, options = {}) {
      try {
        await blobOf(key).deleteIfExists(limited(options));
      } catch (error) {
        throw toStorageError(error, `deleting ${key}`, options);
      }
    },
  };
}
