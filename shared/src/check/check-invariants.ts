// Holds all that the storage has against what the service promises. It reads, and never writes anything.
import type { DeliveryRecord } from '../documents.ts';
import { JobError, messageOf } from '../errors.ts';
import type { Job } from '../job.ts';
import type {
  CallOptions,
  DeadLetterStore,
  DocumentStore,
  ImageStore,
  JobQueue,
  JobStore,
  StoredJob,
} from '../ports.ts';
import { compareWait } from './calibration.ts';
import { type CaseFile, caseFiles } from './case-files.ts';
import { type BatchStorage, checkBatches, strayBatchImages } from './check-batches.ts';
import { type HistoryCheck, makeHistoryCheck } from './check-history.ts';
import { checkImages, strayImage } from './check-images.ts';
import { checkJob, type JobCheck } from './check-job.ts';
import { checkNotice } from './check-notices.ts';
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
  readonly deliveries: Pick<DocumentStore<DeliveryRecord>, 'get'>;
  readonly batches: BatchStorage['batches'];
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
/** By then the sweeper has come to what somebody left half done. */
const settlingSeconds = 600;

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
  await inspectBatches(audit);
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
  const found = stored === 'gone' ? afterRemoval(audit, file) : await inspectFound(audit, stored, file);
  audit.violations.push(...found);
  audit.tally.orphans += found.filter(({ invariant }) => invariant === 'I7').length;
  audit.tally.stuck += found.filter(({ invariant }) => invariant === 'I1').length;
}

type ReadRecord = StoredJob | undefined | 'gone' | 'unreadable';

async function readRecord(audit: Audit, jobId: string): Promise<ReadRecord> {
  try {
    return await audit.storage.jobs.get(jobId, audit.check.call);
  } catch (error) {
    if (!(error instanceof JobError) || error.code === 'storage_unavailable') throw error;
    if (error.code === 'job_gone') return 'gone';
    audit.owed?.noteUnreadable(jobId);
    audit.violations.push({ invariant: 'I1', subject: jobId, detail: messageOf(error) });
    return 'unreadable';
  }
}

async function inspectFound(
  audit: Audit,
  stored: StoredJob | undefined,
  file: CaseFile,
): Promise<Violation[]> {
  if (stored) return await inspectRecord(audit, stored, file);
  const { batches } = audit.storage;
  const batch = file.images.length > 0 ? await batches.get(file.jobId, audit.check.call) : undefined;
  if (!batch) return withoutRecord(audit, file);
  return strayBatchImages(batch.value, file.images)
    .filter(({ ageSeconds }) => ageSeconds >= audit.check.orphanSeconds)
    .map((image) => strayImage(image, 'the record of its batch does not name it'));
}

async function inspectRecord(audit: Audit, stored: StoredJob, file: CaseFile): Promise<Violation[]> {
  const { check, storage, tally } = audit;
  count(tally, stored.job);
  audit.owed?.note(stored.job);
  const views = audit.history?.views.get(file.jobId) ?? [];
  const settling = check.atRest ? 0 : settlingSeconds;
  const { state, violations } = await checkNotice(storage.deliveries, stored, settling, check.call);
  if (state) tally.notices[state] += 1;
  return [...(await checkJob(check, stored, file, views)), ...violations];
}

/** What belonged to it goes with the record, or soon after. */
function afterRemoval({ check, owed, tally }: Audit, file: CaseFile): Violation[] {
  tally.gone += 1;
  owed?.noteGone(file.jobId);
  const { listed, images, letters, jobId } = file;
  const goneSeconds = listed?.status === 'gone' ? listed.ageSeconds : 0;
  if (!check.atRest && goneSeconds < settlingSeconds) return [];
  const left = letters.map(({ name }) => `dead letter ${name} is about a job that was removed`);
  return [
    ...images.map((image) => strayImage(image, 'its job was removed')),
    ...left.map((detail) => ({ invariant: 'I4', subject: jobId, detail }) as const),
  ];
}

async function inspectBatches({ storage, check, tally, violations }: Audit): Promise<void> {
  const settling = check.atRest ? 0 : settlingSeconds;
  for await (const found of checkBatches(storage, settling, check.call)) {
    tally.batches += 1;
    violations.push(...found);
  }
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
  if (job.status === 'completed' && job.reusedFrom !== undefined) tally.reused += 1;
  const wait = compareWait(job);
  if (wait) tally.waits[wait.start][wait.outcome] += 1;
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
    if (await isThere(storage, jobId, check.call)) continue;
    tally.lost += 1;
    violations.push({ invariant: 'I1', subject: jobId, detail: 'the job was accepted and has no record' });
  }
  const untold = owed.untold();
  tally.recovered = untold.recovered;
  violations.push(...untold.violations);
}

async function isThere({ jobs }: CheckedStorage, jobId: string, options: CallOptions): Promise<boolean> {
  try {
    return (await jobs.get(jobId, options)) !== undefined;
  } catch (error) {
    if (error instanceof JobError && error.code === 'job_gone') return true;
    throw error;
  }
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
