// What the storage has seen carried out, as the proxy in front of it tells: who works on what, how often each job was
// begun and committed, and how long a job waited after its worker was killed.
import type { StorageCall } from '@impasto/shared/testing/fault-proxy';

interface JobEntry {
  /** Applied claims. */
  claims: number;
  /** Applied writes that completed the job. */
  commits: number;
  ended: boolean;
  accepted: boolean;
  /** When its worker was killed, until somebody goes on with it. */
  killedAtMs?: number | undefined;
}

export interface Ledger {
  /** To be told of every call that the storage has answered. */
  onAnswer(call: StorageCall, status: number): void;
  /** A client was told that its job is taken. */
  accepted(jobId: string): void;
  /** The process behind this client of the proxy is being killed. */
  killed(client: string): void;
  readonly acceptedCount: number;
  /** Accepted jobs that have not ended. */
  readonly openCount: number;
  readonly takeOverSeconds: readonly number[];
  /** Ids of the jobs that were committed so often. */
  committedTwice(): string[];
  executedTwice(): string[];
  /** Ids of the accepted jobs that have not ended. */
  unfinished(): string[];
  /** The latest accepted jobs, at most 50. */
  recent(): readonly string[];
}

export function makeLedger(): Ledger {
  const jobs = new Map<string, JobEntry>();
  const holdings = new Map<string, string>();
  const recent: string[] = [];
  const takeOverSeconds: number[] = [];
  let acceptedCount = 0;
  let openCount = 0;

  function entryOf(jobId: string): JobEntry {
    const entry = jobs.get(jobId) ?? { claims: 0, commits: 0, ended: false, accepted: false };
    jobs.set(jobId, entry);
    return entry;
  }

  function goesOn(entry: JobEntry): void {
    if (entry.killedAtMs === undefined) return;
    takeOverSeconds.push((performance.now() - entry.killedAtMs) / 1000);
    entry.killedAtMs = undefined;
  }

  function end(entry: JobEntry): void {
    goesOn(entry);
    if (entry.accepted && !entry.ended) openCount -= 1;
    entry.ended = true;
  }

  function apply(client: string, jobId: string, point: StorageCall['point']): void {
    const entry = entryOf(jobId);
    switch (point) {
      case 'claimed':
        entry.claims += 1;
        holdings.set(client, jobId);
        goesOn(entry);
        break;
      case 'committed':
        entry.commits += 1;
        holdings.delete(client);
        end(entry);
        break;
      case 'failed':
      case 'canceled':
      case 'expired':
        holdings.delete(client);
        end(entry);
        break;
      case 'removed':
        end(entry);
        break;
      case 'handed_back':
      case 'retried':
        holdings.delete(client);
    }
  }

  const idsWhere = (holds: (entry: JobEntry) => boolean) =>
    [...jobs].filter(([, entry]) => holds(entry)).map(([jobId]) => jobId);

  return {
    onAnswer({ client, jobId, point }, status) {
      if (status < 300 && jobId !== undefined) apply(client, jobId, point);
    },
    accepted(jobId) {
      const entry = entryOf(jobId);
      entry.accepted = true;
      acceptedCount += 1;
      if (!entry.ended) openCount += 1;
      recent.push(jobId);
      if (recent.length > 50) recent.shift();
    },
    killed(client) {
      const jobId = holdings.get(client);
      holdings.delete(client);
      const entry = jobId === undefined ? undefined : jobs.get(jobId);
      if (entry && !entry.ended) entry.killedAtMs ??= performance.now();
    },
    get acceptedCount() {
      return acceptedCount;
    },
    get openCount() {
      return openCount;
    },
    takeOverSeconds,
    committedTwice: () => idsWhere(({ commits }) => commits > 1),
    executedTwice: () => idsWhere(({ claims }) => claims > 1),
    unfinished: () => idsWhere(({ accepted, ended }) => accepted && !ended),
    recent: () => recent,
  };
}
