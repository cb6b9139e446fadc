// What handlers need to read and show jobs, over the ports of a test.
import {
  type ImageStore,
  type JobQueue,
  type JobStore,
  silentLogger,
  type WorkerDirectory,
} from '@impasto/shared';
import { makeMemoryJobQueue, makeMemoryWorkerDirectory } from '@impasto/shared/testing';
import { makeViewJob } from '../jobs/job-view.ts';
import { makeReadJob } from '../jobs/read-job.ts';
import { makeLookAround } from '../waiting/look-around.ts';
import { makeOutlook } from '../waiting/outlook.ts';

export const testRetention = { retentionHours: 1e6, failedRetentionHours: 1e6 };
export const testWaiting = { maxReplicas: 3, assumedColdStart: { low: 30, high: 120 } };

interface Ports {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly workers?: WorkerDirectory;
  readonly queue?: JobQueue;
}

/** Jobs of tests are of some other year: they are kept for a century. */
export function makeTestViews({
  jobs,
  images,
  workers = makeMemoryWorkerDirectory(),
  queue = makeMemoryJobQueue(),
}: Ports) {
  const lookAround = makeLookAround({ queue, workers });
  const outlookOf = makeOutlook({ lookAround, ...testWaiting });
  return {
    lookAround,
    readJob: makeReadJob(jobs, testRetention),
    viewJob: makeViewJob({ images, outlookOf, retention: testRetention, log: silentLogger }),
  };
}
