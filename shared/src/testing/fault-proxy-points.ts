// What a storage call is for, told from its wire form alone: method, container, and the record that it writes.
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { thumbnailKeyOf } from '../job.ts';

const points = [
  'inputs.1',
  'inputs.2',
  'inputs.fetched',
  'inputs.deleted',
  'result.put',
  'result.read',
  'result.deleted',
  'record.created',
  'record.read',
  'record.deleted',
  'removed',
  'claimed',
  'progressed',
  'committed',
  'failed',
  'canceled',
  'expired',
  'handed_back',
  'retried',
  'lapsed',
  'resent',
  'replayed',
  'message.sent',
  'message.deleted',
  'received',
  'renewed',
  'released',
  'peeked',
  'counted',
  'dead.recorded',
  'key.written',
  'key.deleted',
  'indexed',
  'unindexed',
  'reuse.written',
  'thumbnail.put',
  'reported',
  'locked',
  'listed',
  'other',
] as const;
/** A named moment of the protocol; `listed` is a listing of any container, `removed` the note in place of a record. */
export type Point = (typeof points)[number];

export interface WireRequest {
  readonly service: 'blob' | 'queue';
  readonly method: string;
  /** Without the account: `/jobs/{id}.json?comp=metadata`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const recordSchema = z.object({
  writeId: z.string(),
  job: z.object({
    status: z.string(),
    attempt: z.int(),
    phase: z.string(),
    progress: z.number(),
    crashes: z.int().default(0),
    handBacks: z.int().default(0),
    resends: z.int().default(0),
    replays: z.int().default(0),
    lastError: z.unknown().optional(),
  }),
});
type WrittenRecord = z.infer<typeof recordSchema>;

export interface NamedCall {
  readonly point: Point;
  readonly jobId?: string;
  /** Of a record write. */
  readonly record?: WrittenRecord;
}

/** Names calls. It remembers the last write of each record, since only the change tells a claim from a heartbeat. */
export interface PointNamer {
  name(request: WireRequest): NamedCall;
  /** The call was carried out. */
  applied(call: NamedCall): void;
}

export function makePointNamer(): PointNamer {
  const lastWrites = new Map<string, { point: Point; record: WrittenRecord }>();
  return {
    name(request) {
      const { pathname, searchParams } = new URL(request.path, 'http://storage');
      const jobId = jobIdIn(pathname) ?? jobIdIn(request.service === 'queue' ? request.body.toString() : '');
      const known = jobId !== undefined && { jobId };
      if (request.service === 'queue')
        return { point: queuePoint(request.method, pathname, searchParams), ...known };
      const record = isRecordWrite(request, pathname) ? parseRecord(request.body) : undefined;
      if (!record && isNoteWrite(request, pathname)) return { point: 'removed', ...known };
      if (!record) return { point: blobPoint(request.method, pathname, searchParams), ...known };
      const created = request.headers['if-none-match'] === '*';
      const point = recordPoint(record, lastWrites.get(jobId ?? ''), created);
      return { point, record, ...known };
    },
    applied({ point, jobId, record }) {
      if (jobId !== undefined && record) lastWrites.set(jobId, { point, record });
    },
  };
}

function jobIdIn(text: string): string | undefined {
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(text)?.[0];
}

function queuePoint(method: string, path: string, search: URLSearchParams): Point {
  if (!path.includes('/messages')) return search.get('comp') === 'metadata' ? 'counted' : 'other';
  switch (method) {
    case 'POST':
      return 'message.sent';
    case 'GET':
      return search.get('peekonly') === 'true' ? 'peeked' : 'received';
    case 'PUT':
      return search.get('visibilitytimeout') === '0' ? 'released' : 'renewed';
    case 'DELETE':
      return 'message.deleted';
    default:
      return 'other';
  }
}

const blobPoints: Readonly<Record<string, Point>> = {
  'PUT inputs content': 'inputs.1',
  'PUT inputs style': 'inputs.2',
  'GET inputs': 'inputs.fetched',
  'DELETE inputs': 'inputs.deleted',
  'PUT results': 'result.put',
  'GET results': 'result.read',
  'DELETE results': 'result.deleted',
  'GET jobs': 'record.read',
  'DELETE jobs': 'record.deleted',
  'PUT dead-letters': 'dead.recorded',
  'PUT idempotency-keys': 'key.written',
  'DELETE idempotency-keys': 'key.deleted',
  'PUT job-index': 'indexed',
  'DELETE job-index': 'unindexed',
  'PUT reuse': 'reuse.written',
  'PUT workers': 'reported',
  'PUT locks': 'locked',
};

function blobPoint(method: string, path: string, search: URLSearchParams): Point {
  if (search.get('comp') === 'list') return 'listed';
  const [, container = '', ...rest] = path.split('/');
  const key = `${method} ${container}`;
  if (key === 'PUT results' && path.endsWith(thumbnailKeyOf(''))) return 'thumbnail.put';
  return blobPoints[`${key} ${rest.at(-1)}`] ?? blobPoints[key] ?? 'other';
}

function isRecordWrite({ method }: WireRequest, path: string): boolean {
  return method === 'PUT' && /^\/jobs\/[^/]+\.json$/.test(path);
}

const noteSchema = z.object({ goneAt: z.string() });

function isNoteWrite(request: WireRequest, path: string): boolean {
  if (!isRecordWrite(request, path)) return false;
  try {
    return noteSchema.safeParse(JSON.parse(request.body.toString())).success;
  } catch {
    return false;
  }
}

function parseRecord(body: Buffer): WrittenRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(body.toString()));
  } catch {
    return undefined;
  }
}

function recordPoint(
  record: WrittenRecord,
  last: { point: Point; record: WrittenRecord } | undefined,
  created: boolean,
): Point {
  // A second try of a write that was carried out the first time.
  if (last?.record.writeId === record.writeId) return last.point;
  if (created) return 'record.created';
  switch (record.job.status) {
    case 'completed':
      return 'committed';
    case 'failed':
    case 'canceled':
    case 'expired':
      return record.job.status;
    case 'processing':
      return isClaim(record, last?.record) ? 'claimed' : 'progressed';
    default:
      return requeuePoint(record, last?.record);
  }
}

function isClaim({ job }: WrittenRecord, last: WrittenRecord | undefined): boolean {
  return last ? job.attempt > last.job.attempt : job.phase === 'fetching' && job.progress === 0;
}

function requeuePoint({ job }: WrittenRecord, last: WrittenRecord | undefined): Point {
  if (!last) return 'retried';
  if (job.replays > last.job.replays) return 'replayed';
  if (job.resends > last.job.resends) return 'resent';
  if (job.handBacks > last.job.handBacks) return 'handed_back';
  const sameError = JSON.stringify(job.lastError) === JSON.stringify(last.job.lastError);
  return job.crashes > last.job.crashes && sameError ? 'lapsed' : 'retried';
}
