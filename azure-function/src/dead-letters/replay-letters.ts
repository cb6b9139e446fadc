// POST /api/dead-letters/{id}/replay and POST /api/dead-letters/replay: failed jobs are queued again.
import type { HttpResponseInit } from '@azure/functions';
import { type BulkReplay, recordFailedJob } from '@impasto/shared';
import type { Handler, RequestContext } from '../http/respond.ts';
import type { ViewJob } from '../jobs/job-view.ts';
import { lookUp } from '../jobs/look-up.ts';
import { replaySelectionOf } from './forms.ts';
import { inBulk } from './in-bulk.ts';
import { findLetter, isMessageId, letterIdOf } from './letter-id.ts';
import { type Replay, type ReplayDependencies, replayJob } from './replay-job.ts';

/** Answers 202 with the job as it is: of a job that was replayed before and has not failed since, no more is done. */
export function makeReplayDeadLetter(deps: ReplayDependencies & { readonly viewJob: ViewJob }): Handler {
  return async (request, context): Promise<HttpResponseInit> => {
    const id = letterIdOf(request);
    if (!isMessageId(id)) await recordMissingLetter(deps, id);
    const { letter } = await findLetter(deps.deadLetters, id);
    const { job } = await replay(deps, letter, context);
    const view = await deps.viewJob(request, job);
    const headers = { Location: view.status_url, 'Retry-After': '1' };
    return { status: 202, jsonBody: view, headers };
  };
}

/** A worker that dies between record and letter leaves a failed job without one. */
async function recordMissingLetter({ jobs, deadLetters }: ReplayDependencies, jobId: string): Promise<void> {
  const job = await lookUp(jobs, jobId, {});
  if (job && job !== 'gone') await recordFailedJob(deadLetters, job);
}

export function makeReplayDeadLetters(deps: ReplayDependencies): Handler {
  return async (request, context) => {
    const selection = await replaySelectionOf(request);
    const { done, ...rest } = await inBulk(deps.deadLetters, selection, (letter) =>
      replay(deps, letter, context),
    );
    return { jsonBody: { replayed: done, ...rest } satisfies BulkReplay };
  };
}

async function replay(
  deps: ReplayDependencies,
  letter: Parameters<typeof replayJob>[1],
  { log }: RequestContext,
): Promise<Replay> {
  const outcome = await replayJob(deps, letter);
  const { jobId, replays } = outcome.job;
  if (outcome.begun) log.info('job.replayed', { jobId, replays });
  return outcome;
}
