// The pages of a listing, each a call with a time limit of its own: a long listing, or a reader that works between two
// pages, is no silent storage.
import type {
  ContainerClient,
  ContainerListBlobFlatSegmentResponse,
  ContainerListBlobsOptions,
} from '@azure/storage-blob';
import type { CallOptions } from '../ports.ts';
import { limited } from './call-limits.ts';

/** The service gives up to 5,000; to read that many from XML would stop the event loop for half a second. */
const maxPageSize = 1_000;

/** @throws the SDK's own error. */
export async function* blobPages(
  container: ContainerClient,
  settings: ContainerListBlobsOptions,
  options: CallOptions,
): AsyncGenerator<ContainerListBlobFlatSegmentResponse> {
  let continuationToken: string | undefined;
  do {
    const blobs = container.listBlobsFlat({ ...settings, ...limited(options) });
    const place = continuationToken ? { continuationToken } : {};
    const { value: page } = await blobs.byPage({ maxPageSize, ...place }).next();
    if (!page) return;
    yield page;
    continuationToken = page.continuationToken;
  } while (continuationToken);
}
