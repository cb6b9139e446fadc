// The handler that takes jobs in, over the ports of a test.
import type { Documents, ImageStore, JobQueue, JobStore, WorkerDirectory } from '@impasto/shared';
import { makeMemoryPorts } from '@impasto/shared/testing';
import type { OfferedModel } from '../config.ts';
import { makeIntake } from '../submit/intake.ts';
import type { CheckReceiver, ResolveSubmitted } from '../submit/submission-form.ts';
import { makeSubmitJob } from '../submit/submit-job.ts';
import { makeLookAround } from '../waiting/look-around.ts';
import type { Places } from '../waiting/places.ts';
import { makeWaitForDone } from '../waiting/wait-for-done.ts';
import { makeTestViews, testRetention, testWaiting } from './views.ts';

export interface SubmitPorts extends Pick<Documents, 'idempotencyKeys' | 'jobIndex' | 'reuse'> {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly notices: JobQueue;
  readonly workers: WorkerDirectory;
}

interface Options {
  readonly models?: readonly OfferedModel[];
  readonly maxQueued?: number;
  readonly expiryHours?: number;
  readonly checkReceiver?: CheckReceiver;
  readonly resolveReceiver?: ResolveSubmitted;
  /** For those who wait. */
  readonly places?: Places;
}

/** @param given in the place of ports in memory. */
export function makeTestSubmit(given: Partial<SubmitPorts> = {}, options: Options = {}) {
  const ports = { ...makeMemoryPorts(), ...given };
  const { models = [{ name: 'impasto-v1' }], maxQueued = 1000, expiryHours = 24 } = options;
  const { checkReceiver = (url: string) => url, resolveReceiver = async () => undefined } = options;
  const rules = { models, checkReceiver, resolveReceiver };
  const views = makeTestViews(ports);
  const retention = testRetention;
  const shared = { ...ports, ...testWaiting, ...views, retention, lookAround: makeLookAround(ports) };
  const intake = makeIntake({ ...shared, maxQueued });
  const waitForDone = makeWaitForDone({ ...views, places: options.places });
  return makeSubmitJob({ ...shared, ...intake, ...rules, waitForDone, expiryHours });
}
