// The service under measurement: the real local stack, and one job through it as a caller sees it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StatusView } from '@impasto/shared';
import { type CompletedView, requireResult, StyleTransferClient } from '@impasto/shared/client';
import { inTime, type Program, startProgram } from './processes.ts';

export interface Service extends Pick<Program, 'next' | 'stop'> {
  readonly client: StyleTransferClient;
}

/** Starts a stack with at most one worker and data of its own; resolves when jobs can be sent. */
export async function startService(
  settings: Readonly<Record<string, string>>,
  resources: AsyncDisposableStack,
): Promise<Service> {
  const script = new URL('../infra/local/src/main.ts', import.meta.url);
  const folder = await makeTemporaryFolder(resources);
  const env = { ...process.env, MAX_REPLICAS: '1', ...settings, PORT: '0', IMPASTO_DATA_DIR: folder };
  const stack = startProgram(script, env, resources);
  const baseUrl = await stack.next((line) => /^ready (\S+)$/.exec(line)?.[1]);
  return { client: new StyleTransferClient({ baseUrl }), next: stack.next, stop: stack.stop };
}

export async function makeTemporaryFolder(resources: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'impasto-bench-'));
  resources.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export interface JobRun {
  /** From before the submission to the last byte of the result. */
  readonly ms: number;
  /** From claim to commit, by the record. */
  readonly workedMs: number;
  readonly width: number;
  readonly height: number;
  /** They add up to the whole, within the millisecond to which the record rounds. */
  readonly stages: Readonly<Record<string, number>>;
}

export interface JobPictures {
  readonly content: Uint8Array;
  readonly style: Uint8Array;
  readonly maxSide: number;
}

interface Polling {
  /** Time after the submission during which nothing is asked. */
  readonly quietMs: number;
  /** Pause between two polls from then on. */
  readonly everyMs: number;
}

/** One job, submit to result. Polling takes processor time from the worker, which is on the same machine. */
export async function runJob(
  client: StyleTransferClient,
  { content, style, maxSide }: JobPictures,
  { quietMs, everyMs }: Polling,
): Promise<JobRun> {
  const startedAt = now();
  const { job_id: jobId } = await client.submit({
    contentImage: content,
    styleImage: style,
    maxSide,
    // The same picture is to be painted each time.
    noCache: true,
  });
  const submittedAt = now();
  await delay(quietMs);
  const view = await inTime('a job to be done', untilDone(client, jobId, everyMs));
  const completed = requireResult(view);
  const seenAt = now();
  await client.result(jobId);
  const endedAt = now();
  const { width, height } = completed.result;
  const { workedMs, stages } = stagesOf(completed, { startedAt, submittedAt, seenAt, endedAt });
  return { ms: endedAt - startedAt, workedMs, width, height, stages };
}

async function untilDone(client: StyleTransferClient, jobId: string, everyMs: number): Promise<StatusView> {
  for (;;) {
    const view = await client.status(jobId);
    if (view.done) return view;
    await delay(everyMs);
  }
}

/** Milliseconds since 1970, and finer than those of `Date.now()`. All processes here share this clock. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

type Moment = 'startedAt' | 'submittedAt' | 'seenAt' | 'endedAt';

/**
 * `pickup` lasts from the answer to the submission until a worker claims the job, `record` is what the worker's own
 * stages leave of its time (pipes between its processes, record, progress), `notice` lasts until the caller knows.
 */
function stagesOf(view: CompletedView, at: Record<Moment, number>): Pick<JobRun, 'workedMs' | 'stages'> {
  // The worker counts `queue` by the storage's clock, which knows whole seconds only; `pickup` is exact.
  const { queue: _, ...timings } = view.result.timings;
  const claimedAt = Date.parse(view.started_at ?? '');
  const completedAt = Date.parse(view.completed_at ?? '');
  const workedMs = completedAt - claimedAt;
  const stages = {
    submit: at.submittedAt - at.startedAt,
    pickup: claimedAt - at.submittedAt,
    ...timings,
    record: workedMs - Object.values(timings).reduce((sum, ms) => sum + ms, 0),
    notice: at.seenAt - completedAt,
    download: at.endedAt - at.seenAt,
  };
  return { workedMs, stages };
}

/** So short that the pace of polling is not what is measured. */
export const pollEveryMs = 5;
/** Share of the least work so far during which nothing is asked. */
const quietShare = 0.9;

/** Runs jobs of one kind after another, and learns from each for how long the next need not be asked about. */
export function makeJobRunner(client: StyleTransferClient, pictures: JobPictures): () => Promise<JobRun> {
  let leastWorkMs = Number.POSITIVE_INFINITY;
  return async () => {
    const quietMs = Number.isFinite(leastWorkMs) ? quietShare * leastWorkMs : 0;
    const run = await runJob(client, pictures, { quietMs, everyMs: pollEveryMs });
    leastWorkMs = Math.min(leastWorkMs, run.workedMs);
    return run;
  };
}
