// What there is to see of the whole service at one moment, as a pure function of listings and counts.
import type { JobSummary, ListedDeadLetter, SeenWorker, WorkerReport } from '@impasto/shared';
import { poolOf } from '../waiting/worker-pool.ts';

export interface Observation {
  /** Records that are kept, every status; failed ones by error code. */
  readonly jobs: readonly { readonly status: string; readonly reason?: string; readonly count: number }[];
  /** Seconds since the record was written of the job that has waited longest; 0 where none waits. */
  readonly oldestQueuedSeconds: number;
  /** Messages by queue, those being worked on included. */
  readonly depth: { readonly jobs: number; readonly webhooks: number };
  readonly poisonMessages: number;
  readonly openLetters: number;
  readonly replicas: readonly {
    readonly state: string;
    readonly executionProvider: string;
    readonly count: number;
  }[];
  /** Seconds that the worker seen last needed for each model. */
  readonly modelLoads: readonly { readonly model: string; readonly seconds: number }[];
  /** Reports of workers, newest first. */
  readonly workers: readonly SeenWorker[];
  /** Whether there were more records or letters than were looked at. */
  readonly truncated: boolean;
}

export interface Seen {
  readonly jobs: Iterable<JobSummary>;
  readonly letters: Iterable<Pick<ListedDeadLetter, 'state'>>;
  readonly workers: readonly SeenWorker[];
  readonly depth: Observation['depth'];
  readonly poisonMessages: number;
  readonly truncated: boolean;
}

const statuses = ['queued', 'processing', 'completed', 'canceled', 'expired', 'failed'] as const;
/** Of a record from before codes were listed. */
const unknownReason = 'unknown';

export function summarise({ jobs, letters, workers, ...seen }: Seen): Observation {
  const byStatus = new Map<string, number>(statuses.map((status) => [status, 0]));
  const byReason = new Map<string, number>();
  let oldestQueuedSeconds = 0;
  for (const { status, reason = unknownReason, ageSeconds } of jobs) {
    if (status === 'gone') continue;
    addOne(byStatus, status);
    if (status === 'failed') addOne(byReason, reason);
    if (status === 'queued') oldestQueuedSeconds = Math.max(oldestQueuedSeconds, ageSeconds);
  }
  // Failed jobs are counted by their reasons alone, so that all counts together are all records.
  if (byReason.size > 0) byStatus.delete('failed');
  return {
    ...seen,
    jobs: [
      ...Array.from(byStatus, ([status, count]) => ({ status, count })),
      ...Array.from(byReason, ([reason, count]) => ({ status: 'failed', reason, count })),
    ],
    oldestQueuedSeconds,
    openLetters: [...letters].filter(({ state }) => state === 'open').length,
    replicas: replicasOf(workers),
    modelLoads: modelLoadsOf(workers),
    workers,
  };
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Every state of every provider that a worker of the last day had: what is not there is told as 0. */
function replicasOf(workers: readonly SeenWorker[]): Observation['replicas'] {
  const byProvider = Map.groupBy(workers, ({ report }) => report.executionProvider);
  return [...byProvider].flatMap(([executionProvider, own]) =>
    Object.entries(poolOf(own)).map(([state, count]) => ({ state, executionProvider, count })),
  );
}

function modelLoadsOf(workers: readonly SeenWorker[]): Observation['modelLoads'] {
  const newest = new Map<string, number>();
  for (const { model, seconds } of workers.flatMap(({ report }) => loadOf(report)))
    if (!newest.has(model)) newest.set(model, seconds);
  return Array.from(newest, ([model, seconds]) => ({ model, seconds }));
}

function loadOf({ model, modelLoadSeconds: seconds }: WorkerReport) {
  return seconds === undefined || model === '' ? [] : [{ model, seconds }];
}
