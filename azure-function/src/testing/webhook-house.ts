// A house whose jobs have receivers, on storage in memory: messages are delivered when the test says so.
import {
  type DeliveryRecord,
  type Job,
  type JobFailure,
  type JobResult,
  type JobWebhook,
  silentLogger,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult } from '@impasto/shared/testing';
import { type DeliverDependencies, makeDeliverWebhook } from '../webhooks/deliver-webhook.ts';
import { makeReceiverLanes } from '../webhooks/receiver-lanes.ts';
import type { WebhookAttempt, WebhookOutcome } from '../webhooks/send-webhook.ts';

export const testKeys = [new Uint8Array(32).fill(7)];
export const delivered: WebhookOutcome = { kind: 'delivered', httpStatus: 204, latencyMs: 3 };
export const answered = (httpStatus: number): WebhookOutcome => ({
  kind: 'refused',
  httpStatus,
  latencyMs: 3,
});

/** The process ends here: nothing that would come after it happens. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** A message whose function has failed comes back after so long, that of a process that has ended after so long. */
const failedSeconds = 30;
const leaseSeconds = 600;

type Ports = ReturnType<typeof makeMemoryPorts>;

const webhook: JobWebhook = {
  url: 'https://receiver.example/hook?token=very-secret',
  events: ['job.completed', 'job.failed', 'job.canceled', 'job.expired'],
  origin: 'https://impasto.example',
};

/** @param options `outcomes` of the attempts, in turn, the last one for all that follow. */
export function makeWebhookHouse(options: { readonly outcomes?: readonly WebhookOutcome[] } = {}) {
  const ports = makeMemoryPorts();
  const outcomes = [...(options.outcomes ?? [delivered])];
  const received: (WebhookAttempt & { readonly atMs: number })[] = [];
  const send = async (attempt: WebhookAttempt): Promise<WebhookOutcome> => {
    received.push({ ...attempt, atMs: Date.now() });
    return (outcomes.length > 1 ? outcomes.shift() : outcomes[0]) ?? delivered;
  };
  const deps: DeliverDependencies = {
    ...ports,
    send,
    keys: testKeys,
    lanes: makeReceiverLanes(),
    log: silentLogger,
  };

  return {
    ...ports,
    deps,
    received,
    /** A job whose receiver wants to know of these events. */
    async submit(events = webhook.events, facts: Partial<Job> = {}): Promise<Job> {
      const job = { ...someJob(), webhook: { ...webhook, events }, ...facts } as Job;
      await ports.jobs.create(job);
      return job;
    },
    begin: (job: Job) => change(ports, job, (now) => claimed(now)),
    complete: (job: Job, result: Partial<JobResult> = {}) =>
      change(ports, job, (now) => ended(now, { result: { ...someResult, ...result } })),
    fail: (job: Job, error: Partial<JobFailure> = {}) =>
      change(ports, job, (now) =>
        ended(now, { error: { code: 'model_failed', message: 'it broke', retryable: false, ...error } }),
      ),
    replay: (job: Job) =>
      change(ports, job, (now) => transition(now, { type: 'replayed', expiresAt: '2100-01-01T00:00:00Z' })),
    /** Takes care of every message that can be received now, as the platform does. @returns how many there were. */
    deliver: (own: Partial<DeliverDependencies> = {}) => deliverAll(ports, { ...deps, ...own }),
    deliveryOf: async (job: Job, id = 'job.completed.0'): Promise<DeliveryRecord | undefined> =>
      (await ports.deliveries.get(`${job.jobId}/${id}`))?.value,
  };
}

async function deliverAll({ notices }: Ports, deps: DeliverDependencies): Promise<number> {
  const deliverWebhook = makeDeliverWebhook(deps);
  for (let count = 0; ; count += 1) {
    const message = await notices.receive(leaseSeconds);
    if (!message) return count;
    try {
      await deliverWebhook(JSON.parse(message.text), message.deliveries);
      await message.remove();
    } catch (error) {
      if (!(error instanceof Crash)) await message.setVisibility(failedSeconds);
    }
  }
}

const change = (ports: Ports, { jobId }: Job, how: (job: Job) => Job): Promise<Job> =>
  ports.jobs.update(jobId, how);

const now = () => new Date().toISOString();

function claimed(job: Job): Job {
  return job.status === 'queued' ? transition(job, { type: 'claimed', owner: 'a', at: now() }) : job;
}

function ended(job: Job, end: { result: JobResult } | { error: JobFailure }): Job {
  const begun = claimed(job);
  const claim = { owner: 'a', attempt: begun.attempt };
  return 'result' in end
    ? transition(begun, { type: 'completed', claim, result: end.result, at: now() })
    : transition(begun, { type: 'attempt_failed', claim, error: end.error, at: now() });
}
