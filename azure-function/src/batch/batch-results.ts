// GET /api/batch/{batch_id}/results: the pictures of a batch as one ZIP file, made while it is sent. One picture after the
// other is read, in parts, at the caller's pace.
import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { type CompletedJob, fileExtensions, type ImageStore, JobError } from '@impasto/shared';
import { makeZip, predictLength } from 'client-zip';
import { streamTo } from '../http/connections.ts';
import type { Handler } from '../http/respond.ts';
import type { ViewJob } from '../jobs/job-view.ts';
import { streamImage } from '../jobs/stream-image.ts';
import { batchIdOf } from './batch-links.ts';
import { viewBatch } from './batch-view.ts';
import type { BatchReads, BatchState } from './read-batch.ts';

interface Dependencies {
  readonly images: Pick<ImageStore, 'get'>;
  readonly batchReads: BatchReads;
  readonly viewJob: ViewJob;
}

/** One of the files in the archive. */
interface Entry {
  readonly name: string;
  readonly lastModified: Date;
  readonly size: number;
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

export function makeBatchResults(deps: Dependencies): Handler {
  return async (request, context) => {
    const batchId = batchIdOf(request);
    const isPartial = wantsPartial(request);
    const state = await deps.batchReads.now(batchId);
    const manifest = await manifestOf(deps.viewJob, request, state);
    assertReady(manifest, isPartial);
    const pictures = picturesOf(deps.images, state);
    const entries = [manifestEntry(manifest, state), ...pictures];
    // That the first picture is there, and can be read, is known before the first byte.
    const first = await pictures[0]?.open();
    const files = filesOf(entries, new Map(first && pictures[0] ? [[pictures[0], first]] : []));
    return {
      body: streamTo(context, makeZip(files)),
      headers: {
        'Content-Type': 'application/zip',
        'Content-Length': String(predictLength(entries)),
        'Content-Disposition': `attachment; filename="impasto-batch-${batchId}.zip"`,
        'Cache-Control': 'no-store',
      },
    };
  };
}

function wantsPartial(request: HttpRequest): boolean {
  const partial = request.query.get('partial');
  if (partial === null || partial === 'false') return false;
  if (partial === 'true') return true;
  throw new JobError(
    'invalid_value',
    `Expected true or false for partial, received ${JSON.stringify(partial.slice(0, 40))}`,
  );
}

/** What is in the archive, and what is not. */
async function manifestOf(viewJob: ViewJob, request: HttpRequest, state: BatchState) {
  const { batch_id, status, done, counts, created_at, completed_at, jobs } = await viewBatch(
    viewJob,
    request,
    state,
  );
  const items = jobs.map(({ index, job_id, content, style, status, error }) => {
    const job = completedAt(state, index);
    return {
      file: job ? fileNameOf(state, index, job) : null,
      ...{ index, job_id, content, style, status },
      sha256: job?.result.sha256 ?? null,
      ...(error && { error }),
    };
  });
  return { batch_id, status, done, counts, created_at, completed_at, items };
}

type Manifest = Awaited<ReturnType<typeof manifestOf>>;

function assertReady({ batch_id, status, done, counts }: Manifest, isPartial: boolean): void {
  if (!done && !isPartial) {
    const detail = `batch ${batch_id} is ${status}; its pictures are sent once it is done, or now with ?partial=true`;
    throw new JobError('not_completed', detail);
  }
  if (counts.completed > 0) return;
  const detail = `batch ${batch_id} is ${status}, and none of its jobs is completed`;
  throw new JobError('not_completed', detail, { retryable: !done });
}

function completedAt({ items }: BatchState, index: number): CompletedJob | undefined {
  const item = items[index];
  return item?.kind === 'there' && item.stored.job.status === 'completed' ? item.stored.job : undefined;
}

/** Nothing of it is the caller's own text, and in their order the files have the order of the jobs. */
function fileNameOf({ record }: BatchState, index: number, { result }: CompletedJob): string {
  const { content = 0, style = 0 } = record.items[index] ?? {};
  const place = String(index + 1).padStart(3, '0');
  return `${place}-content-${content + 1}-style-${style + 1}.${fileExtensions[result.format]}`;
}

function picturesOf(images: Dependencies['images'], state: BatchState): Entry[] {
  return state.items.flatMap((_item, index): Entry[] => {
    const job = completedAt(state, index);
    if (!job) return [];
    return [
      {
        name: fileNameOf(state, index, job),
        lastModified: new Date(job.completedAt),
        size: job.result.bytes,
        open: () => openPicture(images, job),
      },
    ];
  });
}

function manifestEntry(manifest: Manifest, { record }: BatchState): Entry {
  const bytes = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  return {
    name: 'manifest.json',
    lastModified: new Date(manifest.completed_at ?? record.createdAt),
    size: bytes.byteLength,
    open: async () => ReadableStream.from([bytes]),
  };
}

async function openPicture(
  images: Dependencies['images'],
  { jobId, result }: CompletedJob,
): Promise<AsyncIterable<Uint8Array>> {
  const body = await streamImage(images, result.key, { offset: 0, count: result.bytes });
  if (!body) throw new JobError('result_gone', `the result of job ${jobId} has been removed`);
  return verified(body, jobId, result.sha256);
}

/** An archive with a picture in it that is not the one that was painted must not come to its end. */
async function* verified(
  body: AsyncIterable<Uint8Array>,
  jobId: string,
  sha256: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const part of body) {
    hash.update(part);
    yield part;
  }
  if (hash.digest('hex') !== sha256)
    throw new JobError('storage_unavailable', `the result of job ${jobId} is not what its worker wrote`);
}

/** Each is opened when it is its turn, but for those that are open already. */
async function* filesOf(entries: readonly Entry[], opened: ReadonlyMap<Entry, AsyncIterable<Uint8Array>>) {
  for (const entry of entries) {
    const { name, lastModified, size } = entry;
    yield { name, lastModified, size, input: opened.get(entry) ?? (await entry.open()) };
  }
}
