// A worker that is told to stop, at every moment of a job: the real process, in front of a storage that holds a call.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { messageFor } from '@impasto/shared';
import { connectStorage, createContainersAndQueue } from '@impasto/shared/azure';
import { someJob, until } from '@impasto/shared/testing';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { type Point, startFaultProxy } from '@impasto/shared/testing/fault-proxy';
import sharp from 'sharp';

const script = fileURLToPath(new URL('./main.ts', import.meta.url));
const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
const background = { r: 90, g: 120, b: 150 };
const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background, noise } })
  .png()
  .toBuffer();

/** Storage with one job in it, and a worker behind a proxy. */
async function setUp(test: TestContext, shutdownSeconds: number) {
  const emulator = await startAzurite();
  test.after(() => emulator.stop());
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  const storage = connectStorage(settings);
  const proxy = startFaultProxy(emulator);
  test.after(() => proxy.stop());
  const job = someJob({ maxSide: 64 });
  await storage.images.put(job.inputs.content, picture, 'image/png');
  await storage.images.put(job.inputs.style, picture, 'image/png');
  await storage.jobs.create(job);
  const start = async () => {
    const worker = fork(script, [], {
      env: {
        ...process.env,
        STORAGE_CONNECTION_STRING: await proxy.open('worker'),
        SHUTDOWN_SECONDS: String(shutdownSeconds),
        LEASE_SECONDS: '20',
      },
      silent: process.env.SHOW === undefined,
    });
    test.after(() => worker.kill('SIGKILL'));
    return worker;
  };
  const submit = () => storage.queue.send(messageFor(job));
  const now = async () => (await storage.jobs.get(job.jobId))?.job ?? assert.fail('the record is gone');
  return { storage, proxy, start, submit, now };
}

type House = Awaited<ReturnType<typeof setUp>>;

/** Sends SIGTERM, and looks at the end of the process. */
async function stop(worker: ChildProcess): Promise<void> {
  const exited = once(worker, 'exit');
  const startedMs = performance.now();
  worker.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.ok(performance.now() - startedMs < 50_000);
}

/** Finished, or handed back: for the next worker at once, and without a used attempt. */
async function assertSettled({ storage, now }: House): Promise<string> {
  const job = await now();
  if (job.status === 'completed') {
    const image = await storage.images.get(job.result.key);
    assert.equal(image?.bytes, job.result.bytes);
    image.body.destroy();
    assert.equal(await storage.queue.countMessages(), 0);
    return job.status;
  }
  assert.equal(job.status, 'queued');
  assert.equal(job.attempt, job.handBacks);
  assert.ok(await storage.queue.receive(30), 'expected the message to be visible at once');
  return job.status;
}

async function resultsOf({ storage }: House): Promise<string[]> {
  return (await Array.fromAsync(storage.images.list('results/'))).map(({ key }) => key);
}

const moments: [point: Point, phase: 'before' | 'after'][] = [
  ['received', 'after'],
  ['record.read', 'before'],
  ['claimed', 'before'],
  ['claimed', 'after'],
  ['inputs.fetched', 'before'],
  ['inputs.fetched', 'after'],
  ['result.put', 'before'],
  ['result.put', 'after'],
  ['committed', 'before'],
  ['committed', 'after'],
  ['message.deleted', 'before'],
  ['message.deleted', 'after'],
];

/** Holds the first call at this point until the worker has had its signal for a moment. */
async function stopAt(house: House, [point, phase]: (typeof moments)[number]): Promise<void> {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let held = false;
  house.proxy.setRule((call) => {
    if (held || call.point !== point) return undefined;
    held = true;
    reach();
    return { kind: 'hold', phase, until: () => released };
  });
  await house.submit();
  const worker = await house.start();
  await reached;
  const stopping = stop(worker);
  setTimeout(release, 300);
  await stopping;
}

describe('a worker that is told to stop', { concurrency: 2 }, () => {
  for (const moment of moments) {
    it(`gives the job back or has finished it: ${moment.join(', ')}`, async (test) => {
      const house = await setUp(test, 0);
      await stopAt(house, moment);
      const status = await assertSettled(house);
      if (moment[0] === 'message.deleted') assert.equal(status, 'completed');
      // A write that arrives after its writer has gone is the sweeper's business.
      const arrivesLate = moment.join() === 'result.put,before';
      if (status === 'queued' && !arrivesLate) assert.deepEqual(await resultsOf(house), []);
    });
  }

  it('finishes the job when there is time', async (test) => {
    const house = await setUp(test, 30);
    await stopAt(house, ['inputs.fetched', 'before']);
    assert.equal(await assertSettled(house), 'completed');
  });

  it('ends at once when it is idle', async (test) => {
    const house = await setUp(test, 30);
    const worker = await house.start();
    await until(
      'the worker to be ready',
      async () => (await house.storage.workers.list())[0]?.report.state === 'ready',
      30_000,
    );
    await stop(worker);
  });

  it('ends when it is not yet ready, and leaves the job to others', async (test) => {
    const house = await setUp(test, 0);
    await house.submit();
    const worker = await house.start();
    await once(worker.stdout ?? assert.fail('expected output'), 'data');
    await stop(worker);
    await assertSettled(house);
  });

  it('ends in time although the storage has stopped answering', async (test) => {
    const house = await setUp(test, 1);
    await house.submit();
    const worker = await house.start();
    const exited = once(worker, 'exit');
    await until('the claim', async () => (await house.now()).status !== 'queued', 30_000);
    house.proxy.setRule(() => ({ kind: 'hang' }));
    const startedMs = performance.now();
    worker.kill('SIGTERM');
    await exited;
    assert.ok(performance.now() - startedMs < 25_000);
  });
});
