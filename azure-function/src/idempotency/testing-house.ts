// The door with all of its storage in memory and a clock to play with, for tests of requests that come more than once.
import { type Job, jobIdInIndexName, jobMessageSchema } from '@impasto/shared';
import { makeMemoryPorts } from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { type FaultHook, withFaultPoints } from '../../../shared/src/testing/fault-points.ts';
import type { OfferedModel } from '../config.ts';
import { type Answer, postJson } from '../testing/invoke.ts';
import { makeTestSubmit } from '../testing/submitting.ts';

const picture = tinyPng(32, 24).toString('base64');
export const good = { content_image: picture, style_image: picture };
/** What a process does that is gone. */
export const forever = new Promise<never>(() => {});

export function openDoor(models: readonly OfferedModel[] = [{ name: 'impasto-v1' }], maxQueued = 1000) {
  const clock = { ms: Date.now() };
  const ports = makeMemoryPorts(() => clock.ms);
  const withoutFaults = makeTestSubmit(ports, { models, maxQueued });

  async function jobs(): Promise<Job[]> {
    const found: Job[] = [];
    for await (const { jobId } of ports.jobs.list()) {
      const stored = await ports.jobs.get(jobId);
      if (stored) found.push(stored.job);
    }
    return found;
  }

  return {
    ports,
    /** @param hook meets each call to the storage. */
    send(body: object = {}, key: string | undefined = 'key', hook?: FaultHook): Promise<Answer> {
      const submit = hook
        ? makeTestSubmit({ ...ports, ...withFaultPoints(ports, hook) }, { models, maxQueued })
        : withoutFaults;
      return postJson(submit, { ...good, ...body }, key === undefined ? {} : { 'Idempotency-Key': key });
    },
    advance(seconds: number): void {
      clock.ms += seconds * 1000;
    },
    jobs,
    /** Jobs that somebody may work on, or has. */
    taken: async () => (await jobs()).filter(({ withdrawn }) => !withdrawn),
    /** The jobs that messages in the queue are about, in order. */
    async messages(): Promise<string[]> {
      const waiting = await ports.queue.peek();
      return waiting.map(({ text }) => jobMessageSchema.parse(JSON.parse(text)).job_id);
    },
    indexed: () => ports.jobIndex.names().map((name) => jobIdInIndexName(name)),
  };
}

export function jobIdOf({ body }: Answer): string | undefined {
  return (body as { job_id?: string }).job_id;
}
