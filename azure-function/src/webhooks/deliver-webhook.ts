// Queue function: one message is one attempt to tell a receiver of one event.
//
// The order of the writes is the promise: the delivery's record, the POST, what came of it, the message of the next
// attempt. A crash before the record of the outcome lets the message come back, and the receiver hears twice, under the
// same id. A crash after it leaves a delivery that is due without a message: the same message, when it comes back, sends
// that one; where even it is gone, the sweeper does. Of two messages for one attempt only one can write its outcome, and
// only who wrote it sends the next: two schedules become one again at the next attempt.
import {
  type DeliveryRecord,
  type Documents,
  deliveryName,
  isNewerFormat,
  JobError,
  type JobQueue,
  type JobStore,
  type Logger,
  type Notice,
  noticeSchema,
} from '@impasto/shared';
import { failSpan, inSpan, passedOn } from '@impasto/shared/telemetry';
import { afterTry, nextNotice, secondsAfter, webhookIdOf } from './delivery.ts';
import { type Due, findDue } from './find-due.ts';
import type { ReceiverLanes } from './receiver-lanes.ts';
import { afterAttempt, type NextStep } from './retry-schedule.ts';
import type { WebhookAttempt, WebhookOutcome } from './send-webhook.ts';
import { signWebhook, type WebhookKeys } from './sign-webhook.ts';

export interface DeliverDependencies extends Pick<Documents, 'deliveries'> {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly notices: Pick<JobQueue, 'send'>;
  /** None where the operator has set no secrets: attempts fail then, and are made again by the schedule. */
  readonly keys: WebhookKeys | undefined;
  readonly send: (attempt: WebhookAttempt) => Promise<WebhookOutcome>;
  readonly lanes: ReceiverLanes;
  readonly log: Logger;
  readonly nextStep?: typeof afterAttempt;
  readonly now?: () => Date;
}

/**
 * @param message parsed JSON.
 * @param dequeueCount how often the queue has handed this message out, from 1.
 * @throws JobError of the storage: the queue brings the message back. Nothing that a receiver does throws.
 */
export type DeliverWebhook = (message: unknown, dequeueCount: number) => Promise<void>;

/** A delivery whose message waits for its lane says so this often, lest the sweeper send another message. */
const saySoSeconds = 60;

export function makeDeliverWebhook(deps: DeliverDependencies): DeliverWebhook {
  return async (message, dequeueCount) => {
    if (isNewerFormat(message)) throw new JobError('newer_version', 'Expected a notice of this version');
    const parsed = noticeSchema.safeParse(message);
    if (!parsed.success) return deps.log.error('notice.unreadable', { reason: parsed.error.message });
    const notice = parsed.data;
    const found = await findDue(deps, notice, dequeueCount);
    if (found.kind === 'due') return attempt(deps, notice, found.due);
    const reason = found.kind === 'dropped' ? found.reason : found.kind;
    deps.log.debug('notice.dropped', { ...namesOf(notice), reason });
    if (found.kind === 'lost_next') await sendNext(deps, found.delivery);
  };
}

const namesOf = ({ job_id, delivery_id, round, attempt }: Notice) => ({
  jobId: job_id,
  deliveryId: delivery_id,
  round,
  attempt,
});

async function attempt(deps: DeliverDependencies, notice: Notice, due: Due): Promise<void> {
  const origin = URL.parse(due.webhook.url)?.origin ?? '';
  const run = await deps.lanes.run(origin, () => sendInSpan(deps, notice, due), notice.put_backs);
  if (!run.ran) return putBack(deps, notice, due, run.comeBackInSeconds);
  await conclude(deps, due, origin, run.value);
}

type Outcome = Pick<WebhookOutcome, 'latencyMs' | 'httpStatus' | 'retryAfterSeconds'> & {
  readonly kind: WebhookOutcome['kind'];
  readonly error?: string | undefined;
};

/** Part of the trace that the job belongs to. Of the receiver's address it has nothing: there may be a secret in it. */
function sendInSpan(deps: DeliverDependencies, notice: Notice, due: Due): Promise<Outcome> {
  const parent = due.job.traceparent;
  const attributes = {
    'impasto.job.id': notice.job_id,
    'impasto.webhook.event': notice.event,
    'impasto.webhook.round': notice.round,
    'impasto.webhook.attempt': notice.attempt + 1,
  };
  return inSpan('deliver webhook', { kind: 'client', parent, attributes }, async (span) => {
    const outcome = await send(deps, due, passedOn(span, parent));
    const { kind, httpStatus, error } = outcome;
    span.setAttribute('impasto.webhook.outcome', kind);
    if (httpStatus !== undefined) span.setAttribute('http.response.status_code', httpStatus);
    if (kind !== 'delivered') failSpan(span, error ?? String(httpStatus));
    return outcome;
  });
}

async function send({ keys, ...deps }: DeliverDependencies, due: Due, traceparent: string): Promise<Outcome> {
  if (!keys) return { kind: 'failed', error: 'webhooks_off', latencyMs: 0 };
  const { body, webhook } = due;
  const headers = signWebhook({ id: webhookIdOf(due.delivery), body, sentAt: nowOf(deps), keys });
  return deps.send({ url: webhook.url, body, headers, traceparent });
}

async function conclude(
  deps: DeliverDependencies,
  due: Due,
  origin: string,
  outcome: Outcome,
): Promise<void> {
  const now = nowOf(deps);
  const { httpStatus, error, latencyMs } = outcome;
  const what = { ...(httpStatus !== undefined && { httpStatus }), ...(error !== undefined && { error }) };
  const tried = { at: now.toISOString(), ...what, latencyMs };
  const next = stepAfter(deps, due.delivery, outcome);
  const written = { ...afterTry(due.delivery, tried, next, now), body: due.body };
  const isOurs = await deps.deliveries.replace(deliveryName(written), written, due.version);
  const { jobId, deliveryId, round, triesInRound } = written;
  const facts = { jobId, deliveryId, round, attempt: triesInRound, origin, ...what, ms: latencyMs, isOurs };
  deps.log.info('webhook.tried', { ...facts, state: written.state });
  if (isOurs && next.step === 'retry') await sendNext(deps, written, next.delaySeconds);
}

/** That a job was begun is told once or not at all: before a second attempt it has ended. */
function stepAfter(deps: DeliverDependencies, delivery: DeliveryRecord, outcome: Outcome): NextStep {
  const { event, triesInRound } = delivery;
  const next = (deps.nextStep ?? afterAttempt)(triesInRound + 1, outcome);
  return event === 'job.started' && next.step === 'retry' ? { step: 'exhausted' } : next;
}

async function sendNext(
  deps: DeliverDependencies,
  delivery: DeliveryRecord,
  delaySeconds = secondsUntil(delivery.nextAttemptAt, nowOf(deps)),
): Promise<void> {
  await deps.notices.send(JSON.stringify(nextNotice(delivery)), { delaySeconds });
}

function secondsUntil(at: string | undefined, now: Date): number {
  return at === undefined ? 0 : Math.max(0, Math.ceil((Date.parse(at) - now.getTime()) / 1000));
}

/** The same message again, later: no attempt was made. */
async function putBack(
  deps: DeliverDependencies,
  notice: Notice,
  { delivery, version }: Due,
  delaySeconds: number,
): Promise<void> {
  const now = nowOf(deps);
  const dueAt = Date.parse(delivery.nextAttemptAt ?? delivery.at);
  if (now.getTime() - dueAt > saySoSeconds * 1000) {
    const waiting = { ...delivery, nextAttemptAt: secondsAfter(now, delaySeconds) };
    if (!(await deps.deliveries.replace(deliveryName(delivery), waiting, version))) return;
  }
  const again: Notice = { ...notice, put_backs: (notice.put_backs ?? 0) + 1 };
  await deps.notices.send(JSON.stringify(again), { delaySeconds });
}

const nowOf = ({ now }: Pick<DeliverDependencies, 'now'>): Date => now?.() ?? new Date();
