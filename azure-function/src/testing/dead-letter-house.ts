// A house of failed jobs on storage in memory, for the tests of dead letters.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type DeadLetterStore,
  type Documents,
  type ImageStore,
  type Job,
  JobError,
  type JobQueue,
  type JobStore,
  recordBadMessage,
  recordFailedJob,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someJob } from '@impasto/shared/testing';
import { makePurgeDeadLetter, makePurgeDeadLetters } from '../dead-letters/purge-letters.ts';
import { makeGetDeadLetter, makeListDeadLetters } from '../dead-letters/read-letters.ts';
import { makeReplayDeadLetter, makeReplayDeadLetters } from '../dead-letters/replay-letters.ts';
import { type Answer, invoke, problemOf } from './invoke.ts';
import { makeTestViews } from './views.ts';

const at = '2026-01-02T03:04:06.000Z';
export const expiryHours = 24;

export interface Ports extends Pick<Documents, 'deliveries'> {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly deadLetters: DeadLetterStore;
}

export function failedAs(job: Job, code: string): Job {
  const owner = randomUUID();
  const claimed = transition(job, { type: 'claimed', owner, at });
  const error = { code, message: `it ended with ${code}`, retryable: false };
  return transition(claimed, {
    type: 'attempt_failed',
    claim: { owner, attempt: claimed.attempt },
    error,
    at,
  });
}

export function makeHouse() {
  const ports: Ports = makeMemoryPorts();

  async function fail(job: Job, code: string): Promise<void> {
    await recordFailedJob(
      ports.deadLetters,
      await ports.jobs.update(job.jobId, (now) => failedAs(now, code)),
    );
  }

  return {
    ...ports,
    fail,
    async addFailedJob(code = 'model_failed', facts: Partial<Pick<Job, 'inputs'>> = {}): Promise<Job> {
      const job = { ...someJob(), ...facts };
      await Promise.all(
        Object.values(job.inputs).map((key) => ports.images.put(key, Buffer.from('x'), 'image/png')),
      );
      await ports.jobs.create(job);
      await fail(job, code);
      return job;
    },
    async addBadMessage(text: string): Promise<string> {
      await recordBadMessage(ports.deadLetters, 'bad_message', text);
      const { letters } = await ports.deadLetters.list({ prefix: 'messages/', limit: 5000 });
      return letters.map(({ name }) => name.replace('messages/', 'message-')).at(-1) ?? '';
    },
    jobOf: async ({ jobId }: Job): Promise<Job | undefined> => (await ports.jobs.get(jobId))?.job,
    stateOf: async (name: string) => (await ports.deadLetters.get(name))?.state,
    imagesOf: async ({ jobId }: Job) => {
      const keys: string[] = [];
      for await (const { key } of ports.images.list(`inputs/${jobId}/`)) keys.push(key);
      return keys;
    },
    /** The six routes; ports given here stand in for the house's own. */
    routes: (broken: Partial<Ports> = {}) => routesOf({ ...ports, ...broken }),
  };
}

function routesOf(ports: Ports) {
  const deps = { ...ports, expiryHours, ...makeTestViews(ports) };
  const path = '/api/dead-letters';
  const json = { 'content-type': 'application/json' };
  const query = (values: Record<string, string>) => `${path}?${new URLSearchParams(values)}`;
  return {
    list: (values: Record<string, string> = {}) => invoke(makeListDeadLetters(deps), { path: query(values) }),
    show: (id: string) => invoke(makeGetDeadLetter(deps), { path: `${path}/x`, params: { id } }),
    replay: (id: string) =>
      invoke(makeReplayDeadLetter(deps), { method: 'POST', path: `${path}/x/replay`, params: { id } }),
    replayMany: (body: unknown, headers: Record<string, string> = json): Promise<Answer> =>
      invoke(makeReplayDeadLetters(deps), {
        method: 'POST',
        path: `${path}/replay`,
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    purge: (id: string) =>
      invoke(makePurgeDeadLetter(deps), { method: 'DELETE', path: `${path}/x`, params: { id } }),
    purgeMany: (values: Record<string, string>) =>
      invoke(makePurgeDeadLetters(deps), { method: 'DELETE', path: query(values) }),
  };
}

/** The storage goes away: once, before the call takes effect or after it. */
export function failingOnce<Args extends unknown[], Value>(
  call: (...args: Args) => Promise<Value>,
  moment: 'before' | 'after',
): (...args: Args) => Promise<Value> {
  let failed = false;
  return async (...args) => {
    if (failed) return call(...args);
    failed = true;
    if (moment === 'after') await call(...args);
    throw new JobError('storage_unavailable', 'it went away');
  };
}

export type House = ReturnType<typeof makeHouse>;

export function assertRefused(answer: Answer, status: number, code: string, detail = /./): void {
  assert.deepEqual([answer.status, problemOf(answer).code], [status, code]);
  assert.match(problemOf(answer).detail, detail);
}

export async function assertReplayedOnce(house: House, job: Job): Promise<void> {
  const now = await house.jobOf(job);
  assert.deepEqual([now?.status, now?.replays], ['queued', 1]);
  assert.equal(await house.stateOf(`${job.jobId}/0`), 'replayed');
}
