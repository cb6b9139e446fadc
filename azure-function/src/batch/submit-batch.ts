// POST /api/style-transfer/batch: takes many jobs in at once, once for each Idempotency-Key, and waits for them where the
// caller prefers that.
import type { HttpRequest } from '@azure/functions';
import { type BatchRecord, JobError } from '@impasto/shared';
import { currentSpan } from '@impasto/shared/telemetry';
import { callerGone } from '../http/connections.ts';
import { assertJson } from '../http/json-body.ts';
import type { Aside } from '../http/large-bodies.ts';
import { makeBodyQueue } from '../http/read-body.ts';
import type { Handler, RequestContext } from '../http/respond.ts';
import { fingerprintOf, idempotencyKeyOf } from '../idempotency/idempotency-key.ts';
import type { Once } from '../idempotency/make-once.ts';
import { originOf } from '../jobs/job-links.ts';
import type { ViewJob } from '../jobs/job-view.ts';
import { type AddressRules, checkAddresses, type FormRules } from '../submit/submission-form.ts';
import { preferenceFollowed, preferredWaitSeconds } from '../waiting/prefer.ts';
import { parseBatch, type SubmittedBatch } from './batch-form.ts';
import { comeBackHeader, isBatchDone, viewBatch } from './batch-view.ts';
import { recallBatch, type TakeInBatchDependencies } from './finish-batch.ts';
import type { WaitForBatch } from './make-batches.ts';
import type { BatchState } from './read-batch.ts';
import { takeInBatch } from './take-in-batch.ts';

export interface SubmitBatchDependencies extends TakeInBatchDependencies, FormRules, AddressRules {
  readonly once: Once;
  readonly viewJob: ViewJob;
  readonly waitForBatch: WaitForBatch;
}

export function makeSubmitBatch(deps: SubmitBatchDependencies): Handler {
  const inTurn = makeBodyQueue();
  return async (request, context) => {
    const key = idempotencyKeyOf(request);
    assertJson(request);
    const { outcome, replayed } = await inTurn(request, async (body, aside) => {
      const batch = await parseBatch(body, deps);
      return await submitOnce(deps, key, batch, request, context, aside);
    });
    const { batchId, items } = outcome;
    currentSpan()?.setAttribute('impasto.batch.id', batchId);
    context.log.info(replayed ? 'batch.replayed' : 'batch.accepted', { batchId, jobs: items.length });

    const seconds = preferredWaitSeconds(request);
    const startedAt = performance.now();
    const state = await stateOf(deps, outcome, seconds ?? 0, context);
    const waited = (performance.now() - startedAt) / 1_000;
    const view = await viewBatch(deps.viewJob, request, state);
    return {
      status: view.done ? 200 : 202,
      jsonBody: view,
      headers: {
        Location: view.urls.status,
        ...comeBackHeader(view),
        ...preferenceFollowed(seconds, isBatchDone(state), waited),
        ...(replayed && { 'Idempotency-Replayed': 'true' }),
      },
    };
  };
}

/** Whatever goes wrong while it is looked at: the batch was taken, and that is what its caller is told. */
async function stateOf(
  { waitForBatch }: SubmitBatchDependencies,
  record: BatchRecord,
  seconds: number,
  { log, requestId }: RequestContext,
): Promise<BatchState> {
  try {
    return await waitForBatch(record.batchId, seconds, callerGone(requestId));
  } catch (error) {
    if (error instanceof JobError && error.code === 'batch_gone') throw error;
    log.warn('batch.not_read', { batchId: record.batchId, error });
    return { record, version: '', items: record.items.map(() => ({ kind: 'coming' })) };
  }
}

function submitOnce(
  deps: SubmitBatchDependencies,
  key: string | undefined,
  batch: SubmittedBatch,
  request: HttpRequest,
  { traceparent, log }: RequestContext,
  aside: Aside,
): Promise<{ readonly outcome: BatchRecord; readonly replayed: boolean }> {
  const asked = { batch, origin: originOf(request), traceparent, log };
  return deps.once(key, {
    kind: 'batch',
    fingerprint: fingerprintOf(batch.asked),
    recall: (batchId) => recallBatch(deps, asked, batchId),
    // Whoever repeats a request is not told what became of the name of its receiver since.
    takeIn: async (batchId, claim) => {
      await aside(() => checkAddresses(batch.handling, deps));
      return await takeInBatch(deps, asked, batchId, claim);
    },
  });
}
