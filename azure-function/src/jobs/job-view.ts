// A job as its caller gets to see it: the record, and what is found out for each look at it.
import type { HttpRequest } from '@azure/functions';
import {
  type CompletedJob,
  fileExtensions,
  type ImageStore,
  isDone,
  type Job,
  keptUntil,
  type Logger,
  type ResultAddresses,
  type RetentionSettings,
  type StatusView,
  statusView,
  thumbnailKeyOf,
  type ViewFacts,
} from '@impasto/shared';
import { linksOf } from './job-links.ts';

/** Whoever has the address of a picture can read it for so long. */
export const signedSeconds = 30 * 60;

interface Dependencies {
  readonly images: Pick<ImageStore, 'sign'>;
  /** Why a job that is not done has to wait, and for how long. */
  readonly outlookOf: OutlookOf;
  readonly retention: RetentionSettings;
  readonly log: Logger;
}

/** @param ageSeconds since the record was last written, where it was read; a new one is as old as the job. */
export type OutlookOf = (job: Job, ageSeconds?: number) => Promise<NonNullable<ViewFacts['outlook']>>;

interface ViewOptions {
  /** The picture in base64, to be part of the view. */
  readonly resultImage?: string | undefined;
  /** Since the record was last written: what is foretold is the better for it. */
  readonly ageSeconds?: number;
}

export type ViewJob = (request: HttpRequest, job: Job, options?: ViewOptions) => Promise<StatusView>;

export function makeViewJob({ images, outlookOf, retention, log }: Dependencies): ViewJob {
  const addressesOf = makeAddressesOf(images, log);
  return async (request, job, { resultImage, ageSeconds } = {}) => {
    const [addresses, outlook] = await Promise.all([
      job.status === 'completed' ? addressesOf(job) : undefined,
      isDone(job) ? undefined : outlookOf(job, ageSeconds),
    ]);
    const expiresAt = keptUntil(job, retention);
    return statusView(job, {
      links: linksOf(request, job.jobId),
      resultImage,
      addresses,
      outlook,
      expiresAt,
    });
  };
}

/**
 * A job is no worse for it that nobody can sign: its view then has the address of the API instead. The log has one line
 * when that begins, and one when it is over.
 */
function makeAddressesOf(images: Dependencies['images'], log: Logger) {
  let failing = false;
  return async (job: CompletedJob): Promise<ResultAddresses | undefined> => {
    try {
      const addresses = await signAll(images, job);
      if (failing) log.info('signing.works');
      failing = false;
      return addresses;
    } catch (error) {
      if (!failing) log.error('signing.failed', { error });
      failing = true;
      return undefined;
    }
  };
}

async function signAll(images: Dependencies['images'], job: CompletedJob): Promise<ResultAddresses> {
  const { key, thumbnail } = job.result;
  const sign = (image: string, fileName: string) => images.sign(image, { seconds: signedSeconds, fileName });
  const [result, small] = await Promise.all([
    sign(key, resultFileName(job)),
    thumbnail && sign(thumbnailKeyOf(key), `impasto-${job.jobId}-small.webp`),
  ]);
  return { resultUrl: result.url, expiresAt: result.expiresAt, thumbnailUrl: small?.url ?? null };
}

/** Under which a browser saves the picture. */
export function resultFileName({ jobId, result }: CompletedJob): string {
  return `impasto-${jobId}.${fileExtensions[result.format]}`;
}
