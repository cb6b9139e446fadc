// One job in a house of its own, worked on once: what became of it, of its message and of its letters.
import assert from 'node:assert/strict';
import { type JobParameters, messageFor, silentLogger } from '@impasto/shared';
import {
  makeMemoryDeadLetterStore,
  makeMemoryImageStore,
  makeMemoryJobQueue,
  makeMemoryJobStore,
  someJob,
} from '@impasto/shared/testing';
import type { Engine } from '../engine/engine.ts';
import { makeOutageMemory } from '../outage-memory.ts';
import { makeProcessMessage } from '../process-message.ts';

interface Pictures {
  readonly content: Uint8Array;
  readonly style: Uint8Array;
}

export async function workOnce(engine: Engine, pictures: Pictures, parameters: Partial<JobParameters>) {
  const jobs = makeMemoryJobStore();
  const images = makeMemoryImageStore();
  const queue = makeMemoryJobQueue();
  const deadLetters = makeMemoryDeadLetterStore();
  const job = someJob(parameters);
  await jobs.create(job);
  await images.put(job.inputs.content, pictures.content, 'image/png');
  await images.put(job.inputs.style, pictures.style, 'image/png');
  await queue.send(messageFor(job));
  const message = await queue.receive(30);
  assert.ok(message);
  const times = { leaseSeconds: 30, patienceSeconds: 30, outages: makeOutageMemory() };
  const notices = makeMemoryJobQueue();
  const ports = { jobs, images, deadLetters, notices };
  const handle = makeProcessMessage({ ...ports, engine, ...times, log: silentLogger });
  const { outcome } = await handle(message, new AbortController().signal);
  const stored = await jobs.get(job.jobId);
  assert.ok(stored);
  return {
    outcome,
    job: stored.job,
    images,
    /** Reasons of the dead letters. */
    letters: [...deadLetters.letters.values()].map(({ reason }) => reason),
    /** Keys of the results, without their thumbnails. */
    results: images.keys().filter((key) => key.startsWith('results/') && !key.endsWith('.thumbnail.webp')),
    messages: await queue.countMessages(),
  };
}
