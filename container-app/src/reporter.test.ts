import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError, silentLogger, type WorkerDirectory, type WorkerReport } from '@impasto/shared';
import { makeMemoryWorkerDirectory, until } from '@impasto/shared/testing';
import { makeReporter } from './reporter.ts';

const engine = { model: 'impasto-v1', executionProvider: 'cpu' };

/** A worker's reports in the order in which they were written. */
function startReporter(publish: WorkerDirectory['publish'] = async () => {}) {
  const written: WorkerReport[] = [];
  const directory: WorkerDirectory = {
    ...makeMemoryWorkerDirectory(),
    publish: async (report, options) => {
      await publish(report, options);
      written.push(report);
    },
  };
  const reporter = makeReporter(directory, { workerId: 'a', executionProvider: 'cuda' }, silentLogger);
  return { written, reporter };
}

const states = (written: readonly WorkerReport[]) => written.map(({ state }) => state);

describe('the report of a worker', () => {
  it('says at once that it is starting, then what became of it', async () => {
    const { written, reporter } = startReporter();
    await until('the first report', () => written.length === 1);
    assert.deepEqual(written[0], {
      ...{ workerId: 'a', model: '', executionProvider: 'cuda' },
      ...{ state: 'starting', recentJobSeconds: [] },
    });
    reporter.ready(engine);
    await until('the second report', () => written.length === 2);
    reporter.jobStarted({ ageSeconds: 0, deliveries: 1 });
    await until('the third report', () => written.length === 3);
    reporter.jobEnded(1.5);
    await reporter.stop();
    assert.deepEqual(states(written), ['starting', 'ready', 'busy', 'stopped']);
    const { model, executionProvider, recentJobSeconds } = written.at(-1) ?? assert.fail();
    assert.deepEqual([model, executionProvider, recentJobSeconds], ['impasto-v1', 'cpu', [1.5]]);
  });

  it('ends with why it cannot work', async () => {
    const { written, reporter } = startReporter();
    await reporter.stop('model_unavailable');
    assert.deepEqual(states(written), ['starting', 'unhealthy']);
    assert.equal(written.at(-1)?.problem, 'model_unavailable');
  });

  it('keeps nobody from starting or ending when the storage is out', async () => {
    const { written, reporter } = startReporter(async () => {
      throw new JobError('storage_unavailable', 'no answer');
    });
    reporter.ready(engine);
    await reporter.stop();
    assert.deepEqual(written, []);
  });

  it('gives up its goodbye after a few seconds when the storage does not answer', async () => {
    const { written, reporter } = startReporter(
      (_report, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.throwIfAborted();
          options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
        }),
    );
    await reporter.stop();
    assert.deepEqual(written, []);
  });
});
