// The worker process as an operator sees it: probes, metrics, and what arrives at Application Insights.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDone, messageFor } from '@impasto/shared';
import { connectStorage, createContainersAndQueue, type Storage } from '@impasto/shared/azure';
import { parsePrometheus, sampleValue, someJob, startFakeIngestion, until } from '@impasto/shared/testing';
import { startAzurite } from '@impasto/shared/testing/azurite';
import { startFaultProxy } from '@impasto/shared/testing/fault-proxy';
import sharp from 'sharp';

const script = fileURLToPath(new URL('./main.ts', import.meta.url));
let picture: Buffer;
before(async () => {
  const background = { r: 90, g: 120, b: 150 };
  picture = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
});

async function openStorage(test: TestContext) {
  const emulator = await startAzurite();
  test.after(() => emulator.stop());
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  return { emulator, settings, storage: connectStorage(settings) };
}

async function submit({ images, jobs, queue }: Storage, content: Uint8Array): Promise<string> {
  const job = someJob({ maxSide: 64 });
  await images.put(job.inputs.content, content, 'image/png');
  await images.put(job.inputs.style, picture, 'image/png');
  await jobs.create(job);
  await queue.send(messageFor(job));
  return job.jobId;
}

/** A worker that listens on any free port of this machine alone. */
async function startWorker(test: TestContext, settings: Record<string, string>) {
  const env = { ...process.env, HEALTH_PORT: '0', HEALTH_HOST: '127.0.0.1', LOG_LEVEL: 'info', ...settings };
  const worker = fork(script, [], { env, silent: true });
  test.after(() => worker.kill('SIGKILL'));
  const exited = once(worker, 'exit');
  assert.ok(worker.stdout && worker.stderr);
  worker.stderr.resume();
  const lines: string[] = [];
  createInterface({ input: worker.stdout }).on('line', (line) => lines.push(line));
  const port = await until('the worker to listen', () => {
    const line = lines.find((one) => one.includes('"health.listening"'));
    return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port;
  });
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const status = async (path: string) => (await ask(path)).status;
  return { worker, exited, lines, ask, status };
}

describe('a worker with a health port', () => {
  it('is alive before its model is loaded, ready after it, and not when it has to stop', async (test) => {
    const { emulator, settings, storage } = await openStorage(test);
    const proxy = startFaultProxy(emulator);
    test.after(() => proxy.stop());
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    proxy.setRule((call) =>
      call.point === 'committed' ? { kind: 'hold', phase: 'before', until: () => released } : undefined,
    );
    const STORAGE_CONNECTION_STRING = await proxy.open('worker');
    const { worker, exited, status, lines } = await startWorker(test, {
      ...settings,
      STORAGE_CONNECTION_STRING,
    });
    assert.equal(await status('/health/live'), 200);
    // Loading takes seconds; on a machine that is busy it may be over by now.
    const first = await status('/health/ready');
    assert.ok(first === 503 || lines.some((line) => line.includes('"engine.ready"')), String(first));
    await until('the worker to be ready', async () => (await status('/health/ready')) === 200);
    await until('the engine to have said so', () => lines.some((line) => line.includes('"engine.ready"')));
    const jobId = await submit(storage, picture);
    await until(
      'the job to be begun',
      async () => (await storage.jobs.get(jobId))?.job.status === 'processing',
    );
    worker.kill('SIGTERM');
    await until('the worker not to be ready', async () => (await status('/health/ready')) === 503);
    assert.equal(await status('/health/live'), 200);
    release();
    assert.deepEqual(await exited, [0, null]);
    assert.equal((await storage.jobs.get(jobId))?.job.status, 'completed');
  });

  it('shows what became of its jobs, in its metrics, its report and at Application Insights', async (test) => {
    const { settings, storage } = await openStorage(test);
    const ingestion = await startFakeIngestion();
    test.after(() => ingestion.stop());
    const ids = [await submit(storage, picture), await submit(storage, Buffer.from('no picture at all'))];
    const { worker, exited, ask } = await startWorker(test, { ...settings, ...ingestion.environment });
    for (const id of ids)
      await until('the job to end', async () => {
        const stored = await storage.jobs.get(id);
        return stored !== undefined && isDone(stored.job);
      });
    const families = await until('both messages to be handled', async () => {
      const seen = parsePrometheus((await ask('/metrics')).body);
      const handled = seen.get('impasto_messages_handled_total')?.samples ?? [];
      return handled.length === 2 && seen;
    });
    const value = (name: string, labels?: Record<string, string>) => sampleValue(families, name, labels);
    const ended = (labels: Record<string, string>) => value('impasto_jobs_ended_total', labels);
    assert.equal(ended({ status: 'completed', execution_provider: 'cpu' }), 1);
    assert.equal(ended({ status: 'failed', reason: 'unsupported_image_format' }), 1);
    assert.equal(value('impasto_job_duration_count', { execution_provider: 'cpu' }), 1);
    assert.equal(value('impasto_job_stage_duration_count', { stage: 'stylize' }), 1);
    assert.equal(value('impasto_job_wait_count'), 2);
    assert.equal(value('impasto_worker_info', { execution_provider: 'cpu', model: 'impasto-v1' }), 1);
    assert.equal(value('impasto_engine_starts_total'), 1);
    assert.equal(value('impasto_worker_busy'), 0);
    assert.ok(value('impasto_model_load_duration') > 0);
    assert.ok(value('impasto_process_memory', { process: 'worker' }) > 1e6);

    worker.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    const [seen] = await storage.workers.list();
    const { modelLoadSeconds, stageSeconds = {} } = seen?.report ?? assert.fail('no report');
    assert.ok((modelLoadSeconds ?? 0) > 0);
    assert.equal(
      stageSeconds.stylize?.counts.reduce((sum, one) => sum + one),
      1,
    );

    const names = ingestion.metricNames();
    for (const name of [
      'jobs.ended',
      'job.stage.duration',
      'job.duration',
      'model.load.duration',
      'worker.info',
    ])
      assert.ok(names.has(`impasto.${name}`), `expected impasto.${name} among ${[...names].join()}`);
    const sent = ingestion.bodies.join();
    assert.match(sent, /"reason":"unsupported_image_format"/);
    assert.match(sent, /impasto-worker/);
    for (const secret of [settings.STORAGE_CONNECTION_STRING, 'AccountKey'])
      assert.ok(!sent.includes(secret), `${secret} was sent`);
    // Spans are of one job, metrics never: each would be a series of its own.
    const metrics = ingestion.envelopes().filter(({ data }) => data.baseType === 'MetricData');
    for (const id of ids) assert.ok(!JSON.stringify(metrics).includes(id), `${id} is in a metric`);
  });

  it('ends in time when nobody takes its last metrics', async (test) => {
    const { settings } = await openStorage(test);
    const key = 'InstrumentationKey=3f2a1b4c-5d6e-4f70-8a9b-0c1d2e3f4a5b';
    // Reserved for documentation: nothing answers there.
    const nobody = { APPLICATIONINSIGHTS_CONNECTION_STRING: `${key};IngestionEndpoint=https://192.0.2.1/` };
    const { worker, exited, status } = await startWorker(test, { ...settings, ...nobody });
    await until('the worker to be ready', async () => (await status('/health/ready')) === 200);
    worker.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
  });

  it('does not start on a port that is taken', async (test) => {
    const { settings } = await openStorage(test);
    const other = createServer().listen(0, '127.0.0.1');
    test.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const env = { ...process.env, ...settings, HEALTH_PORT: String(port), HEALTH_HOST: '127.0.0.1' };
    const worker = fork(script, [], { env, silent: true });
    test.after(() => worker.kill('SIGKILL'));
    let errors = '';
    worker.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    assert.deepEqual(await once(worker, 'exit'), [1, null]);
    assert.match(
      errors,
      new RegExp(`^Expected a free port for HEALTH_PORT, received 127\\.0\\.0\\.1, port ${port}`),
    );
  });
});
