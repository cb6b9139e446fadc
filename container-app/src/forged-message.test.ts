// S24: whoever can write into the queue can have a job painted that is there, and read nothing with it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { silentLogger } from '@impasto/shared';
import {
  makeMemoryDeadLetterStore,
  makeMemoryImageStore,
  makeMemoryJobQueue,
  makeMemoryJobStore,
  someJob,
} from '@impasto/shared/testing';
import { makeOutageMemory } from './outage-memory.ts';
import { makeProcessMessage } from './process-message.ts';
import { makeFakeEngine } from './testing/fake-engine.ts';

/** A worker in a house with one job; it notes which records and images it was made to look at. */
async function setUp() {
  const job = someJob();
  const jobs = makeMemoryJobStore();
  const images = makeMemoryImageStore();
  await jobs.create(job);
  for (const key of [job.inputs.content, job.inputs.style, 'inputs/another/content'])
    await images.put(key, Buffer.alloc(200, 7), 'image/png');
  const read: string[] = [];
  const asked: string[] = [];
  const handle = makeProcessMessage({
    jobs: {
      ...jobs,
      update: async (jobId, ...rest) => {
        asked.push(jobId);
        return jobs.update(jobId, ...rest);
      },
    },
    images: {
      ...images,
      get: async (key, ...rest) => {
        read.push(key);
        return images.get(key, ...rest);
      },
    },
    deadLetters: makeMemoryDeadLetterStore(),
    notices: makeMemoryJobQueue(),
    engine: makeFakeEngine(),
    leaseSeconds: 30,
    outages: makeOutageMemory(),
    patienceSeconds: 0.3,
    log: silentLogger,
  });

  async function receive(text: string): Promise<void> {
    const queue = makeMemoryJobQueue();
    await queue.send(text);
    const message = await queue.receive(30);
    assert.ok(message);
    await handle(message, new AbortController().signal);
  }

  return { job, images, read, asked, receive };
}

const unknown = randomUUID();

const forged: readonly (readonly [what: string, text: string])[] = [
  ['no JSON', 'inputs/another/content'],
  ['an id that leads elsewhere', JSON.stringify({ v: 1, job_id: '../inputs/another' })],
  ['an id with a path behind it', JSON.stringify({ v: 1, job_id: `${unknown}/../../inputs/another` })],
  ['an id with a NUL behind it', JSON.stringify({ v: 1, job_id: `${unknown}\0` })],
  ['a list of ids', JSON.stringify({ v: 1, job_id: [unknown] })],
  ['no version', JSON.stringify({ job_id: unknown })],
  [
    'a later version',
    JSON.stringify({ v: 2, job_id: unknown, inputs: { content: 'inputs/another/content' } }),
  ],
  [
    'a job that nobody submitted',
    JSON.stringify({ v: 1, job_id: unknown, inputs: { content: 'inputs/another/content' } }),
  ],
];

describe('S24: a forged message', () => {
  for (const [what, text] of forged) {
    it(`S24: with ${what} reads no image and writes none`, async () => {
      const house = await setUp();
      const before = house.images.keys();
      await house.receive(text);
      assert.deepEqual(house.read, []);
      assert.deepEqual(house.images.keys(), before);
      assert.ok(
        house.asked.every((jobId) => jobId === unknown),
        house.asked.join(),
      );
    });
  }

  it('S24: for a job that is there reads the two images of that job, whatever else it says', async () => {
    const house = await setUp();
    const { jobId, inputs } = house.job;
    const more = {
      inputs: { content: 'inputs/another/content' },
      key: 'jobs/x',
      owner: 'me',
      parameters: {},
    };
    await house.receive(JSON.stringify({ v: 1, job_id: jobId, ...more }));
    assert.deepEqual(house.read.sort(), [inputs.content, inputs.style].sort());
  });
});
