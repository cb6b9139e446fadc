// The list of jobs, page by page or one after the other.
import { type JobList, jobListSchema, type StatusView } from '../wire.ts';
import { ask, queryText } from './calls.ts';
import type { CallOptions } from './client-options.ts';
import type { TransportSettings } from './transport.ts';

/** What a list is narrowed to; everything that is given has to hold. */
export interface JobFilter {
  /** One, or any of several. */
  readonly status?: string | readonly string[] | undefined;
  readonly model?: string | undefined;
  /** Pairs of the job's `metadata`. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly batchId?: string | undefined;
}

export interface JobQuery extends JobFilter {
  /** Jobs on a page: 1 to 100. */
  readonly limit?: number | undefined;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

export function listJobs(
  settings: TransportSettings,
  { status, model, tags, batchId, limit, cursor }: JobQuery,
  { signal }: CallOptions,
): Promise<JobList> {
  const tag = Object.entries(tags ?? {}).map(([name, value]) => `${name}:${value}`);
  const query = queryText({ status, model, tag, batch_id: batchId, limit, cursor });
  return ask(settings, jobListSchema, 'a page of jobs', { method: 'GET', path: `/api/jobs${query}`, signal });
}

/** A page may be empty although there are more; only the last has no cursor. */
export async function* listAllJobs(
  settings: TransportSettings,
  filter: JobFilter,
  options: CallOptions,
): AsyncGenerator<StatusView, void> {
  let cursor: string | undefined;
  do {
    const page = await listJobs(settings, { ...filter, cursor }, options);
    yield* page.jobs;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
