// Two readers of one process's metrics: whoever asks for the text, and the exporter that sends them each minute.
import assert from 'node:assert/strict';
import { after, describe, it, mock } from 'node:test';
import { silentLogger } from '../logger.ts';
import { startFakeIngestion } from '../testing/fake-ingestion.ts';
import { parsePrometheus } from '../testing/prometheus-text.ts';
import { fleetMeter, ownMeter, startMetrics } from './index.ts';

// Its certificate is signed by nobody that this process knows: what is sent does not arrive, which nothing here needs.
const ingestion = await startFakeIngestion();
mock.timers.enable({ apis: ['setInterval'] });
const metrics = await startMetrics({
  serviceName: 'impasto-test',
  instanceId: 'one',
  settings: ingestion.environment,
  prometheus: true,
  log: silentLogger,
});
after(async () => {
  mock.timers.reset();
  await ingestion.stop();
});

describe('metrics that are sent and can be asked for', { concurrency: false }, () => {
  it('show of a gauge what there is now, and not what there once was', async () => {
    let seen = ['a', 'b'];
    fleetMeter()
      .createObservableGauge('impasto.test.seen', { description: 'Seen' })
      .addCallback((result) => {
        for (const reason of seen) result.observe(1, { reason });
      });
    const shown = async () =>
      (parsePrometheus(await metrics.text()).get('impasto_test_seen')?.samples ?? []).map(
        ({ labels }) => labels.reason,
      );
    assert.deepEqual(await shown(), ['a', 'b']);
    await metrics.flush();
    seen = ['b'];
    assert.deepEqual(await shown(), ['b']);
    seen = [];
    assert.deepEqual(await shown(), []);
  });

  it('count all that there was, whoever asks how often', async () => {
    const counter = ownMeter().createCounter('impasto.test.counted', { description: 'Counted' });
    const counted = async () =>
      parsePrometheus(await metrics.text()).get('impasto_test_counted_total')?.samples[0]?.value;
    counter.add(2);
    assert.equal(await counted(), 2);
    await metrics.flush();
    counter.add(1);
    assert.deepEqual([await counted(), await counted()], [3, 3]);
  });

  it('are not kept for whoever never asks', async () => {
    let looks = 0;
    ownMeter()
      .createObservableGauge('impasto.test.looks', { description: 'Looks' })
      .addCallback(() => {
        looks += 1;
      });
    mock.timers.tick(60_000);
    await new Promise(setImmediate);
    assert.equal(looks, 2, 'one for what is sent, one that takes in what the other would have left');
  });

  it('are no error for whoever asks while the last of them are sent', async () => {
    const stopping = metrics.stop();
    assert.equal(await metrics.text(), '');
    await stopping;
    assert.equal(await metrics.text(), '');
  });
});
