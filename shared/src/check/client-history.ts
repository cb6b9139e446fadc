// What clients say happened, sorted by what it obliges the service to.
import type { ClientCall, JobView } from './report.ts';

export interface ClientHistory {
  /** Jobs whose submission was answered with an id. */
  readonly accepted: ReadonlySet<string>;
  /** Jobs whose submission was refused, where the client knows the id all the same. */
  readonly refused: ReadonlySet<string>;
  /** Submissions that got no answer: each may have made one job. */
  readonly unanswered: number;
  /** What was seen of each job, in the order of time. */
  readonly views: ReadonlyMap<string, readonly JobView[]>;
}

export function readHistory(calls: readonly ClientCall[]): ClientHistory {
  const submits = calls.filter(({ call }) => call === 'submit');
  return {
    accepted: idsOf(submits, 'ok'),
    refused: idsOf(submits, 'fail'),
    unanswered: submits.filter(({ outcome }) => outcome === 'unknown').length,
    views: viewsByJob(calls),
  };
}

function idsOf(calls: readonly ClientCall[], outcome: ClientCall['outcome']): Set<string> {
  return new Set(calls.flatMap((call) => (call.outcome === outcome && call.jobId ? [call.jobId] : [])));
}

function viewsByJob(calls: readonly ClientCall[]): Map<string, JobView[]> {
  const views = new Map<string, JobView[]>();
  // Sorting keeps the order of calls that ended in the same millisecond.
  for (const { jobId, view } of calls.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    if (jobId === undefined || !view) continue;
    const ofJob = views.get(jobId);
    if (ofJob) ofJob.push(view);
    else views.set(jobId, [view]);
  }
  return views;
}
