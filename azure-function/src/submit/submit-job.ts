// POST /api/style-transfer: takes a job in, once for each Idempotency-Key, and waits for it where the caller prefers that.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { isDone, type StoredJob, type SubmissionReceipt } from '@impasto/shared';
import { currentSpan } from '@impasto/shared/telemetry';
import { callerGone } from '../http/connections.ts';
import { assertJson } from '../http/json-body.ts';
import type { Aside } from '../http/large-bodies.ts';
import { makeBodyQueue } from '../http/read-body.ts';
import type { Handler, RequestContext } from '../http/respond.ts';
import { fingerprintOf, idempotencyKeyOf } from '../idempotency/idempotency-key.ts';
import { originOf } from '../jobs/job-links.ts';
import type { ViewJob } from '../jobs/job-view.ts';
import { noneKnown } from '../reuse/reuse-of-results.ts';
import { comeBackSeconds, inWords } from '../waiting/estimate-wait.ts';
import { preferenceApplied, preferredWaitSeconds } from '../waiting/prefer.ts';
import type { WaitForDone } from '../waiting/wait-for-done.ts';
import type { Intake } from './intake.ts';
import {
  type AddressRules,
  type AskedSubmission,
  checkAddresses,
  type FormRules,
  parseSubmission,
} from './submission-form.ts';
import { pictureOf, type TakeInDependencies, takeInJob } from './take-in-job.ts';

interface Dependencies extends Intake, TakeInDependencies, FormRules, AddressRules {
  readonly viewJob: ViewJob;
  readonly waitForDone: WaitForDone;
}

type Taken = Pick<StoredJob, 'job'> & Partial<Pick<StoredJob, 'ageSeconds'>>;
type Headers = Readonly<Record<string, string>>;

export function makeSubmitJob(deps: Dependencies): Handler {
  const inTurn = makeBodyQueue();
  return async (request, context) => {
    const key = idempotencyKeyOf(request);
    assertJson(request);
    const { outcome: job, replayed } = await inTurn(request, async (body, aside) => {
      const submission = await parseSubmission(body, deps);
      return await submitOnce(deps, key, submission, request, context, aside);
    });
    currentSpan()?.setAttribute('impasto.job.id', job.jobId);
    if (replayed) context.log.info('job.replayed', { jobId: job.jobId });
    const { taken, headers } = await waited(deps, { job }, preferredWaitSeconds(request), context);
    return answer(deps, request, taken, {
      ...headers,
      ...(replayed && { 'Idempotency-Replayed': 'true' }),
    });
  };
}

function submitOnce(
  deps: Dependencies,
  key: string | undefined,
  submission: AskedSubmission,
  request: HttpRequest,
  { traceparent, log }: RequestContext,
  aside: Aside,
) {
  const asked = { submission, origin: originOf(request), traceparent, log };
  const picture = pictureOf(submission);
  // Asked for while the key is written.
  const known = picture && deps.results.known(picture, log);
  return deps.once(key, {
    kind: 'job',
    fingerprint: fingerprintOf(submission.asked),
    recall: deps.recallJob,
    // Whoever repeats a request is not told what became of the name of its receiver since.
    takeIn: async (jobId, claim) => {
      await aside(() => checkAddresses(submission.handling, deps));
      return await takeInJob(deps, asked, (await known) ?? noneKnown, jobId, claim);
    },
  });
}

/** Whatever goes wrong while it waits: the job was taken, and that is what its caller is told. */
async function waited(
  { waitForDone }: Dependencies,
  before: Taken,
  seconds: number | undefined,
  { requestId }: RequestContext,
): Promise<{ taken: Taken; headers: Headers }> {
  if (isDone(before.job) || !seconds)
    return { taken: before, headers: preferenceApplied(seconds, before, 0) };
  const startedAt = performance.now();
  try {
    const taken = await waitForDone(before.job.jobId, seconds, callerGone(requestId));
    const waitedSeconds = (performance.now() - startedAt) / 1_000;
    return { taken, headers: preferenceApplied(seconds, taken, waitedSeconds) };
  } catch {
    return { taken: before, headers: {} };
  }
}

async function answer(
  { viewJob }: Dependencies,
  request: HttpRequest,
  { job, ageSeconds }: Taken,
  headers: Headers,
): Promise<HttpResponseInit> {
  const view = await viewJob(request, job, ageSeconds === undefined ? {} : { ageSeconds });
  const { low, high, cold = false } = job.estimate ?? { low: 0, high: 0 };
  const receipt: SubmissionReceipt = {
    ...view,
    estimated_wait_time: job.estimate ? inWords({ low, high }, cold) : '0 seconds',
    estimated_wait_seconds: { low, high },
    result_url: view.urls.result,
  };
  const comeBack = view.wait && { 'Retry-After': String(comeBackSeconds(view.wait.estimated_seconds)) };
  return {
    status: view.done ? 200 : 202,
    jsonBody: receipt,
    headers: { Location: view.status_url, ...comeBack, ...headers },
  };
}
