// GET /api/jobs: the jobs, newest first. Names in the index give the order; what a job is, its record says.
import {
  type DocumentStore,
  type ErrorCode,
  type IndexEntry,
  JobError,
  type JobList,
  jobIdInIndexName,
  type ListedDocument,
  type Logger,
  type StoredJob,
  toJobError,
} from '@impasto/shared';
import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel';
import { callerGone } from '../http/connections.ts';
import type { Handler } from '../http/respond.ts';
import type { ViewJob } from './job-view.ts';
import {
  cursorTo,
  isFiltered,
  isWanted,
  type JobQuery,
  jobQueryOf,
  type Place,
  placeOf,
} from './list-query.ts';
import type { ReadJob } from './read-job.ts';

interface Dependencies {
  readonly jobIndex: Pick<DocumentStore<IndexEntry>, 'list'>;
  readonly readJob: ReadJob;
  readonly viewJob: ViewJob;
}

const namesPerPage = 100;
/** By all requests together. */
const readsAtOnce = 16;
/** Of requests with a filter, each of which may read many more records than it shows. */
const scans = { underWay: 4, waiting: 16 };
/** Of those without. */
const pages = { underWay: 16, waiting: 64 };
/** One request looks at about so many records: then it answers with what it has found, and where to go on. */
const mostLooks = 500;

export function makeListJobs({ jobIndex, readJob, viewJob }: Dependencies): Handler {
  const lanes = bulkhead(readsAtOnce, Number.POSITIVE_INFINITY);
  const scanTurns = bulkhead(scans.underWay, scans.waiting);
  const pageTurns = bulkhead(pages.underWay, pages.waiting);
  return async (request, { log, requestId }) => {
    const query = jobQueryOf(request);
    const look = (name: string) => lanes.execute(() => lookAt(name, { readJob, query, log }));
    const turns = isFiltered(query) ? scanTurns : pageTurns;
    const { jobs, next } = await inTurn(turns, () => findJobs(jobIndex, look, query, callerGone(requestId)));
    const views = await Promise.all(jobs.map(({ job, ageSeconds }) => viewJob(request, job, { ageSeconds })));
    return { jsonBody: { jobs: views, next_cursor: next ? cursorTo(next) : null } satisfies JobList };
  };
}

/** @throws JobError `too_many_requests`. */
async function inTurn<T>(turns: BulkheadPolicy, work: () => Promise<T>): Promise<T> {
  try {
    return await turns.execute(work);
  } catch (error) {
    if (!(error instanceof BulkheadRejectedError)) throw error;
    const detail = 'Expected fewer listings under way, for another to be taken; ask again in a moment';
    throw new JobError('too_many_requests', detail, { cause: error, retryAfterSeconds: 2 });
  }
}

/** @returns the job of this name in the index, where it is one of those that are asked for. */
type Look = (name: string) => Promise<StoredJob | undefined>;

interface Found {
  readonly jobs: readonly StoredJob[];
  /** None where there are no more. */
  readonly next?: Place;
}

/**
 * New jobs come in before the first name. That moves the pages of the index, and not the name behind which the next page
 * of jobs begins: no job comes twice and none is left out, however many are sent in between.
 */
async function findJobs(
  index: Dependencies['jobIndex'],
  look: Look,
  { limit, cursor }: JobQuery,
  gone: AbortSignal,
): Promise<Found> {
  const jobs: StoredJob[] = [];
  let { page, after }: Place = placeOf(cursor);
  for (let looks = 0; looks < mostLooks && jobs.length < limit && !gone.aborted; looks += 1) {
    const { documents, cursor: following } = await index.list({ cursor: page, limit: namesPerPage });
    const names = namesAfter(after, documents);
    const found = await findAmong(names, look, limit - jobs.length, gone);
    jobs.push(...found.jobs);
    looks += found.seen;
    after = names[found.seen - 1] ?? after;
    if (found.seen < names.length) break;
    if (following === undefined) return { jobs };
    page = following;
  }
  return { jobs, next: { page, after } };
}

function namesAfter(after: string | undefined, documents: readonly ListedDocument[]): string[] {
  const names = documents.map(({ name }) => name);
  return names.filter(
    (name) => jobIdInIndexName(name) !== undefined && (after === undefined || name > after),
  );
}

/** The first so many, and how many names that took. */
async function findAmong(
  names: readonly string[],
  look: Look,
  wanted: number,
  gone: AbortSignal,
): Promise<{ readonly jobs: readonly StoredJob[]; readonly seen: number }> {
  const jobs: StoredJob[] = [];
  let seen = 0;
  while (seen < names.length && jobs.length < wanted && !gone.aborted) {
    const some = names.slice(seen, seen + Math.max(readsAtOnce, wanted - jobs.length));
    for (const job of await Promise.all(some.map(look))) {
      if (jobs.length === wanted) break;
      if (job) jobs.push(job);
      seen += 1;
    }
  }
  return { jobs, seen };
}

const passedOver: ReadonlySet<ErrorCode> = new Set(['job_not_found', 'job_gone']);
/** One record that is damaged must not hide all others. */
const unreadable: ReadonlySet<ErrorCode> = new Set(['record_unreadable', 'newer_version']);

async function lookAt(
  name: string,
  { readJob, query, log }: { readonly readJob: ReadJob; readonly query: JobQuery; readonly log: Logger },
): Promise<StoredJob | undefined> {
  const jobId = jobIdInIndexName(name);
  if (jobId === undefined) return undefined;
  try {
    const stored = await readJob(jobId);
    return isWanted(stored.job, query) ? stored : undefined;
  } catch (thrown) {
    const error = toJobError(thrown);
    if (passedOver.has(error.code)) return undefined;
    if (!unreadable.has(error.code)) throw thrown;
    log.warn('list.record_left_out', { jobId, error });
    return undefined;
  }
}
