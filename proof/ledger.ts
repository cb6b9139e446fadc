// Every change that was really made to a record, in order: what the records themselves no longer tell in the end.
import { isDone, type Job, type JobStore } from '@impasto/shared';

interface LedgerEntry {
  readonly before: Job | undefined;
  readonly after: Job;
}

export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** The jobs as they are now, in the order of their submission; without those that were removed. */
  jobs(): Job[];
  /** What a job has been through that it must not have been through, in words. */
  complaints(): string[];
}

/** The store to be used by everybody, and the ledger of what they did with it. */
export function keepLedger(jobs: JobStore): { jobs: JobStore; ledger: Ledger } {
  const entries: LedgerEntry[] = [];
  const latest = new Map<string, Job>();
  const note = (entry: LedgerEntry) => {
    entries.push(entry);
    latest.set(entry.after.jobId, entry.after);
  };
  const kept: JobStore = {
    ...jobs,
    async create(job, options) {
      await jobs.create(job, options);
      note({ before: undefined, after: job });
    },
    async update(jobId, change, options) {
      let last: LedgerEntry | undefined;
      const noting: typeof change = (now, ageSeconds) => {
        const after = change(now, ageSeconds);
        last = after === now ? undefined : { before: now, after };
        return after;
      };
      const after = await jobs.update(jobId, noting, options);
      if (last) note(last);
      return after;
    },
  };
  return {
    jobs: {
      ...kept,
      async delete(jobId, mayGo, options) {
        const isGone = await jobs.delete(jobId, mayGo, options);
        if (isGone) latest.delete(jobId);
        return isGone;
      },
    },
    ledger: { entries, jobs: () => [...latest.values()], complaints: () => complaintsAbout(entries) },
  };
}

function complaintsAbout(entries: readonly LedgerEntry[]): string[] {
  const claims = new Map<string, number>();
  return entries.flatMap(({ before, after }) => {
    const complaints: string[] = [];
    const name = `job ${after.jobId}`;
    if (before && isDone(before) && !(before.status === 'failed' && after.replays === before.replays + 1))
      complaints.push(`${name} went from ${before.status} to ${after.status}`);
    const claimed = (claims.get(after.jobId) ?? 0) + (after.attempt === (before?.attempt ?? 0) + 1 ? 1 : 0);
    claims.set(after.jobId, after.attempt === 0 ? 0 : claimed);
    if (after.attempt !== claims.get(after.jobId))
      complaints.push(`${name} has attempt ${after.attempt} after ${claims.get(after.jobId)} claims`);
    if (before?.status === 'processing' && after.status === 'completed' && before.attempt !== after.attempt)
      complaints.push(`${name} was completed by another attempt than the one that ran`);
    return complaints;
  });
}
