// One submission becomes a job: with a copy of the picture at once where the same one was painted before, otherwise with a
// place in the queue.
import {
  announce,
  contentTypes,
  deadlineIn,
  type Job,
  type JobQueue,
  keptUntil,
  newJob,
  type Picture,
  type RetentionSettings,
} from '@impasto/shared';
import type { RequestContext } from '../http/respond.ts';
import type { Claim } from '../idempotency/make-once.ts';
import { copyOf } from '../reuse/copy-of.ts';
import type { Known } from '../reuse/reuse-of-results.ts';
import { estimateWait, isCold, type WaitEstimate } from '../waiting/estimate-wait.ts';
import type { NamedImage } from './accept-job.ts';
import type { Surroundings } from './admission.ts';
import type { Intake } from './intake.ts';
import { onlyOwner } from './only-owner.ts';
import type { Submission } from './submission-form.ts';

export interface TakeInDependencies extends Pick<Intake, 'admit' | 'acceptJob' | 'results'> {
  readonly notices: JobQueue;
  readonly retention: RetentionSettings;
  readonly maxReplicas: number;
  readonly assumedColdStart: WaitEstimate;
  /** How long the job may wait for a worker before it ends as expired. */
  readonly expiryHours: number;
}

/** A submission, and what of its request belongs to the job. */
export interface Asked extends Pick<RequestContext, 'traceparent' | 'log'> {
  readonly submission: Submission;
  /** Where the caller reached us: `https://host`. */
  readonly origin: string;
}

/** What the submission asks for; undefined where nothing may be reused: its caller said so, or the version is not known. */
export function pictureOf({ content, style, model, parameters, handling }: Submission): Picture | undefined {
  if (handling.noCache || model.version === undefined) return undefined;
  const named = `${model.name}@${model.version}`;
  return {
    owner: onlyOwner,
    contentSha256: content.sha256,
    styleSha256: style.sha256,
    model: named,
    parameters,
  };
}

/**
 * @param known the jobs that may have painted the picture.
 * @returns the job as it is recorded.
 * @throws JobError `queue_full`, before anything is stored.
 */
export async function takeInJob(
  deps: TakeInDependencies,
  asked: Asked,
  known: Known,
  jobId: string,
  claim: Claim,
): Promise<Job> {
  const job = jobOf(deps, asked, jobId, claim.createdAt);
  const picture = pictureOf(asked.submission);
  const copy = picture && (await giveCopy(deps, asked, job, picture, known, claim));
  return (
    copy ?? (await deps.admit(1, (found) => enqueue(deps, asked, foretold(deps, job, found), known, claim)))
  );
}

/** @returns undefined where the picture is not there: nothing has been stored then. */
async function giveCopy(
  { results, acceptJob, notices, retention }: TakeInDependencies,
  { log }: Asked,
  job: Job,
  picture: Picture,
  known: Known,
  claim: Claim,
): Promise<Job | undefined> {
  const found = await results.withPainted(known.jobIds, picture, log, async (painted) => {
    const copied = await acceptJob({ ...copyOf(job, painted), claim }, log);
    return { copied, source: painted.job };
  });
  if (!found) return undefined;
  const { copied, source } = found;
  // The next one is to find the copy that is kept for longest.
  const outlives = (keptUntil(copied, retention) ?? '') > (keptUntil(source, retention) ?? '');
  await Promise.all([
    outlives && results.note(picture, copied.jobId, known, log),
    // The sweeper finds what nobody was told of.
    announce(notices, copied).catch((error: unknown) =>
      log.warn('job.announce_failed', { jobId: copied.jobId, error }),
    ),
  ]);
  log.info('job.reused', { jobId: copied.jobId, from: source.jobId });
  return copied;
}

async function enqueue(
  { acceptJob, results }: TakeInDependencies,
  { submission, log }: Asked,
  job: Job,
  known: Known,
  claim: Claim,
): Promise<Job> {
  const accepted = await acceptJob({ job, images: inputsOf(job, submission), claim }, log);
  const picture = pictureOf(submission);
  if (picture) await results.note(picture, job.jobId, known, log);
  log.info('job.accepted', { jobId: job.jobId, model: job.parameters.model });
  return accepted;
}

/** @param part of a batch: then the inputs are the batch's. */
export function jobOf(
  { expiryHours }: Pick<TakeInDependencies, 'expiryHours'>,
  { submission, origin, traceparent }: Pick<Asked, 'submission' | 'origin' | 'traceparent'>,
  jobId: string,
  createdAt: string,
  part?: Required<Pick<Job, 'inputs' | 'batch'>>,
): Job {
  const { content, style, parameters, handling } = submission;
  const { metadata, webhook, retentionHours } = handling;
  return newJob({
    jobId,
    createdAt,
    expiresAt: deadlineIn(expiryHours),
    parameters,
    inputs: { content: `inputs/${jobId}/content`, style: `inputs/${jobId}/style` },
    inputHashes: { content: content.sha256, style: style.sha256 },
    metadata,
    ...(retentionHours !== undefined && { retentionHours }),
    ...(webhook && { webhook: { ...webhook, origin } }),
    traceparent,
    ...part,
  });
}

/** With what its caller is told of the wait. */
export function foretold(
  deps: Pick<TakeInDependencies, 'maxReplicas' | 'assumedColdStart'>,
  job: Job,
  found: Surroundings,
): Job {
  const cold = isCold(found.workers);
  const estimate = { ...estimateWait({ ...deps, ...found }), cold };
  return { ...job, estimate, ...(cold && { phase: 'waking_worker' }) };
}

function inputsOf({ inputs }: Job, { content, style }: Submission): NamedImage[] {
  return [
    { key: inputs.content, bytes: content.bytes, contentType: contentTypes[content.format] },
    { key: inputs.style, bytes: style.bytes, contentType: contentTypes[style.format] },
  ];
}
