// The same picture was painted before: finding it, with its bytes, before anything of the new job is stored.
import { createHash } from 'node:crypto';
import {
  type CompletedJob,
  type Documents,
  type ImageStore,
  isOverdue,
  type JobStore,
  keptUntil,
  type Logger,
  type Picture,
  type RetentionSettings,
  type ReuseRecord,
  readImage,
  reuseKey,
  thumbnailKeyOf,
} from '@impasto/shared';
import { makeLargeBodyQueue } from '../http/large-bodies.ts';

interface Dependencies extends Pick<Documents, 'reuse'> {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly images: ImageStore;
  readonly retention: RetentionSettings;
}

/** A picture with all of its bytes. */
export interface Painted {
  readonly job: CompletedJob;
  readonly result: Uint8Array;
  readonly thumbnail?: Uint8Array;
}

/** The latest jobs that were asked for a picture, at most eight, the latest first. */
export interface Known {
  readonly jobIds: readonly string[];
  /** Of the note that says so, where there is one. */
  readonly version?: string;
}

export const noneKnown: Known = { jobIds: [] };

export interface ReuseOfResults {
  /** Never rejects. */
  known(picture: Picture, log: Logger): Promise<Known>;
  /** Those of them that have painted it. Never rejects. */
  painted(picture: Picture, log: Logger): Promise<readonly string[]>;
  /**
   * Gives the picture to `use` if one of these jobs has painted it, with exactly this model. Large ones are held a few at a
   * time.
   * @returns undefined for a miss, which is also whatever fails before `use` is called.
   */
  withPainted<T>(
    jobIds: readonly string[],
    picture: Picture,
    log: Logger,
    use: (painted: Painted) => Promise<T>,
  ): Promise<T | undefined>;
  /**
   * Notes a job that was taken. Never rejects: the next one like it is painted anew, that is all.
   * @param before what was known a moment ago.
   */
  note(picture: Picture, jobId: string, before: Known, log: Logger): Promise<void>;
}

/** Of several that are asked for at the same time, some may be canceled or fail: one that is painted is enough. */
const mostKnown = 8;
/** Others who note the same picture at the same moment come first so often. */
const mostTries = 3;

export function makeReuseOfResults(deps: Dependencies): ReuseOfResults {
  const { reuse } = deps;
  const inTurn = makeLargeBodyQueue();
  async function known(picture: Picture, log: Logger): Promise<Known> {
    return (await orMiss(log, () => readNote(reuse, reuseKey(picture)))) ?? noneKnown;
  }
  return {
    known,
    async painted(picture, log) {
      const jobs = await completedJobs(deps, (await known(picture, log)).jobIds, picture, log);
      return jobs.map(({ jobId }) => jobId);
    },
    async withPainted(jobIds, picture, log, use) {
      for (const job of await completedJobs(deps, jobIds, picture, log)) {
        const given = await inTurn(String(job.result.bytes), async () => {
          const painted = await orMiss(log, () => withBytes(deps.images, job));
          return painted && { to: await use(painted) };
        });
        if (given) return given.to;
      }
      return undefined;
    },
    async note(picture, jobId, before, log) {
      await orMiss(log, () => noteIn(reuse, reuseKey(picture), jobId, before));
    },
  };
}

async function readNote(reuse: Dependencies['reuse'], name: string): Promise<Known> {
  const found = await reuse.get(name);
  if (!found) return noneKnown;
  const { jobId, earlier = [] } = found.value;
  return { jobIds: [jobId, ...earlier], version: found.version };
}

async function noteIn(
  reuse: Dependencies['reuse'],
  name: string,
  jobId: string,
  before: Known,
): Promise<void> {
  let { jobIds, version } = before;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const earlier = jobIds.filter((id) => id !== jobId).slice(0, mostKnown - 1);
    const next: ReuseRecord = { jobId, ...(earlier.length > 0 && { earlier }) };
    if (await (version === undefined ? reuse.create(name, next) : reuse.replace(name, next, version))) return;
    ({ jobIds, version } = await readNote(reuse, name));
  }
}

/** In the order in which they were given. */
async function completedJobs(
  deps: Dependencies,
  jobIds: readonly string[],
  picture: Picture,
  log: Logger,
): Promise<CompletedJob[]> {
  const jobs = await Promise.all(
    jobIds.map((jobId) => orMiss(log, () => completedJob(deps, jobId, picture))),
  );
  return jobs.filter((job) => job !== undefined);
}

async function completedJob(
  { jobs, retention }: Dependencies,
  jobId: string,
  { model }: Picture,
): Promise<CompletedJob | undefined> {
  const job = (await jobs.get(jobId))?.job;
  if (job?.status !== 'completed' || job.result.model !== model) return undefined;
  return isOverdue({ expiresAt: keptUntil(job, retention) }, new Date()) ? undefined : job;
}

async function withBytes(images: ImageStore, job: CompletedJob): Promise<Painted | undefined> {
  const { key, sha256, thumbnail } = job.result;
  const [result, small] = await Promise.all([
    readImage(images, key),
    thumbnail && readImage(images, thumbnailKeyOf(key)),
  ]);
  if (!result || (thumbnail && !small) || sha256Of(result) !== sha256) return undefined;
  return { job, result, ...(small && { thumbnail: small }) };
}

async function orMiss<T>(log: Logger, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    log.info('reuse.failed', { error });
    return undefined;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
