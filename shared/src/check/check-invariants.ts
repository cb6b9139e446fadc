// Holds all that the storage has against what the service promises. It reads, and never writes anything.
import { JobError, messageOf } from '../errors.ts';
import type { Job } from '../job.ts';
import type { CallOptions, DeadLetterStore, ImageStore, JobQueue, JobStore, StoredJob } from '../ports.ts';
import { type CaseFile, caseFiles } from './case-files.ts';
import { type HistoryCheck, makeHistoryCheck } from './check-history.ts';
import { checkImages } from './check-images.ts';
import { checkJob, type JobCheck } from './check-job.ts';
import type { Decode } from './check-result.ts';
import { type ClientHistory, readHistory } from './client-history.ts';
import { readImageSize } from './image-size.ts';
import { inParallel } from './in-parallel.ts';
import { type CheckReport, type ClientCall, emptyTally, type Invariant, type Violation } from './report.ts';

/** The reading half of the storage. */
export interface CheckedStorage {
  readonly jobs: Pick<JobStore, 'get' | 'list'>;
  readonly images: Pick<ImageStore, 'get' | 'list'>;
  readonly queue: Pick<JobQueue, 'countMessages'>;
  readonly deadLetters: Pick<DeadLetterStore, 'list'>;
}

export interface CheckOptions {
  /**
   * Every call of every client since the storage was empty. With it the storage has to be at rest: all work is over,
   * the queue is empty. Without it the service may be working.
   */
  readonly history?: readonly ClientCall[] | undefined;
  /** A job that is open for this long is stuck; default 300, at rest 0. */
  readonly maxOpenSeconds?: number | undefined;
  /** Images younger than this are no orphans yet; default 25 hours: the sweeper takes them after 24; at rest 0. */
  readonly orphanSeconds?: number | undefined;
  /** Size of a result in pixels, or an error where it cannot be decoded; default: what its header says. */
  readonly decode?: Decode | undefined;
  /** Whether nothing may have been repaired: for a run without faults. */
  readonly quiet?: boolean | undefined;
  readonly onProgress?: ((checkedJobs: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const recordsAtOnce = 16;
const defaultOpenSeconds = 300;
const defaultOrphanSeconds = 25 * 3600;

/**
 * Memory does not grow with the number of jobs, apart from the history, the violations, and the ids of jobs that no
 * client was told of.
 * @throws JobError `storage_unavailable`, and the reason of the signal.
 */
export async function checkInvariants(
  storage: CheckedStorage,
  options: CheckOptions = {},
): Promise<CheckReport> {
  const audit = makeAudit(storage, options);
  const files = caseFiles(storage, audit.check.call);
  let checkedJobs = 0;
  await inParallel(files, recordsAtOnce, async (file) => {
    await inspect(audit, file);
    checkedJobs += 1;
    options.onProgress?.(checkedJobs);
  });
  if (audit.owed) await settleHistory(audit, audit.owed);
  await countMessages(audit);
  return { ...audit.tally, violations: audit.violations.sort(byInvariant) };
}

interface Audit {
  readonly storage: CheckedStorage;
  readonly check: JobCheck;
  readonly history: ClientHistory | undefined;
  readonly owed: HistoryCheck | undefined;
  readonly tally: ReturnType<typeof emptyTally>;
  readonly violations: Violation[];
}

function makeAudit(storage: CheckedStorage, options: CheckOptions): Audit {
  const history = options.history && readHistory(options.history);
  const call: CallOptions = options.signal ? { signal: options.signal } : {};
  const check: JobCheck = {
    images: storage.images,
    deadLetters: storage.deadLetters,
    atRest: history !== undefined,
    maxOpenSeconds: options.maxOpenSeconds ?? (history ? 0 : defaultOpenSeconds),
    orphanSeconds: options.orphanSeconds ?? (history ? 0 : defaultOrphanSeconds),
    decode: options.decode ?? readImageSize,
    quiet: options.quiet ?? false,
    call,
  };
  const owed = history && makeHistoryCheck(history);
  return { storage, check, history, owed, tally: emptyTally(), violations: [] };
}

async function inspect(audit: Audit, file: CaseFile): Promise<void> {
  const stored = await readRecord(audit, file.jobId);
  if (stored === 'unreadable') return;
  const found = stored ? await inspectRecord(audit, stored, file) : withoutRecord(audit, file);
  audit.violations.push(...found);
  audit.tally.orphans += found.filter(({ invariant }) => invariant === 'I7').length;
  audit.tally.stuck += found.filter(({ invariant }) => invariant === 'I1').length;
}

async function readRecord(audit: Audit, jobId: string): Promise<StoredJob | undefined | 'unreadable'> {
  try {
    return await audit.storage.jobs.get(jobId, audit.check.call);
  } catch (error) {
    if (!(error instanceof JobError) || error.code === 'storage_unavailable') throw error;
    audit.owed?.noteUnreadable(jobId);
    audit.violations.push({ invariant: 'I1', subject: jobId, detail: messageOf(error) });
    return 'unreadable';
  }
}

async function inspectRecord(audit: Audit, stored: StoredJob, file: CaseFile): Promise<Violation[]> {
  count(audit.tally, stored.job);
  audit.owed?.note(stored.job);
  return await checkJob(audit.check, stored, file, audit.history?.views.get(file.jobId) ?? []);
}

function withoutRecord({ check }: Audit, { listed, images, letters, jobId }: CaseFile): Violation[] {
  // A record that was listed a moment ago was deleted since, and what belongs to it is going, too.
  if (listed) return [];
  // The letter of a job that was cleared away long ago may stay.
  const strays = check.atRest ? letters : [];
  return [
    ...checkImages(undefined, images, check.orphanSeconds),
    ...strays.map(({ name }) => ({
      invariant: 'I4' as const,
      subject: jobId,
      detail: `dead letter ${name} is about a job without a record`,
    })),
  ];
}

function count(tally: Audit['tally'], job: Job): void {
  tally.jobs[job.status] += 1;
  if (job.status === 'failed')
    tally.failedByReason[job.error.code] = (tally.failedByReason[job.error.code] ?? 0) + 1;
  if (job.attempt > 1) tally.executedMoreThanOnce += 1;
  tally.crashes += job.crashes;
  tally.handBacks += job.handBacks;
  tally.resends += job.resends;
  tally.replays += job.replays;
}

async function settleHistory(
  { storage, check, tally, violations }: Audit,
  owed: HistoryCheck,
): Promise<void> {
  for (const jobId of owed.missing()) {
    // It may have come after its place in the listing was read.
    if (await storage.jobs.get(jobId, check.call)) continue;
    tally.lost += 1;
    violations.push({ invariant: 'I1', subject: jobId, detail: 'the job was accepted and has no record' });
  }
  const untold = owed.untold();
  tally.recovered = untold.recovered;
  violations.push(...untold.violations);
}

async function countMessages({ storage, check, tally, violations }: Audit): Promise<void> {
  tally.messages = await storage.queue.countMessages(check.call);
  const open = tally.jobs.queued + tally.jobs.processing;
  if (!check.atRest || open > 0 || tally.messages === 0) return;
  const detail = `${tally.messages} messages are left, and no job is open`;
  violations.push({ invariant: 'I6', subject: 'queue', detail });
}

function byInvariant(a: Violation, b: Violation): number {
  return numberOf(a.invariant) - numberOf(b.invariant) || (a.subject < b.subject ? -1 : 1);
}

function numberOf(invariant: Invariant): number {
  return Number(invariant.slice(1));
}
