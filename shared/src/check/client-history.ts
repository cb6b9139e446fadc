// What clients say happened, sorted by what it obliges the service to.
import type { ClientCall, JobView } from './report.ts';

export interface ClientHistory {
  /** Jobs whose submission was answered with an id. */
  readonly accepted: ReadonlySet<string>;
  /** Jobs whose submission was refused, where the client knows the id all the same. */
  readonly refused: ReadonlySet<string>;
  /**
   * Submissions that got no answer: each may have made one job. Of those with the same key all together, and none where
   * the job of the key is known.
   */
  readonly unanswered: number;
  /** Jobs by the key of their submissions: one job for each key, if the promise holds. */
  readonly byKey: ReadonlyMap<string, ReadonlySet<string>>;
  /** Jobs that somebody asked to be deleted, whatever the answer. */
  readonly deleted: ReadonlySet<string>;
  /** The same of jobs that somebody asked to be canceled. */
  readonly canceled: ReadonlySet<string>;
  /** What was seen of each job, in the order of time. */
  readonly views: ReadonlyMap<string, readonly JobView[]>;
  /** How the jobs had ended, as those were told who wanted to cancel them. */
  readonly toldEnds: ReadonlyMap<string, string>;
}

export function readHistory(calls: readonly ClientCall[]): ClientHistory {
  const submits = calls.filter(({ call }) => call === 'submit');
  const accepted = idsOf(submits, 'ok');
  const byKey = jobsByKey(submits);
  return {
    accepted,
    // With a key a refused submission may be sent again, and be taken under the same id.
    refused: idsOf(submits, 'fail').difference(accepted),
    unanswered: countUnanswered(submits, byKey),
    byKey,
    deleted: askedFor(calls, 'delete'),
    canceled: askedFor(calls, 'cancel'),
    // The answers of calls that overlap may come in any order; only an end stays as it is.
    views: viewsByJob(calls.filter(({ call }) => call === 'status')),
    toldEnds: new Map(
      calls.flatMap(({ call, jobId, view }) =>
        call === 'cancel' && jobId !== undefined && view?.done ? [[jobId, view.status] as const] : [],
      ),
    ),
  };
}

/** Calls that had no definite refusal, which may have had their effect. */
function askedFor(calls: readonly ClientCall[], wanted: ClientCall['call']): Set<string> {
  const asked = calls.filter(({ call, outcome }) => call === wanted && outcome !== 'fail');
  return new Set(asked.flatMap(({ jobId }) => jobId ?? []));
}

function jobsByKey(submits: readonly ClientCall[]): Map<string, Set<string>> {
  const byKey = new Map<string, Set<string>>();
  for (const { key, jobId, outcome } of submits) {
    if (key === undefined || jobId === undefined || outcome !== 'ok') continue;
    byKey.set(key, (byKey.get(key) ?? new Set()).add(jobId));
  }
  return byKey;
}

function countUnanswered(submits: readonly ClientCall[], known: ReadonlyMap<string, unknown>): number {
  const unanswered = submits.filter(({ outcome }) => outcome === 'unknown').map(({ key }) => key);
  const keys = new Set(unanswered.filter((key) => key !== undefined && !known.has(key)));
  return keys.size + unanswered.filter((key) => key === undefined).length;
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
