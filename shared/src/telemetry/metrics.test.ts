import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeLogger, silentLogger } from '../logger.ts';
import { parsePrometheus, sampleValue } from '../testing/prometheus-text.ts';
import { countEvents, countIn, fleetMeter, ownMeter, stageBounds, startMetrics } from './index.ts';

const wished = {
  serviceName: 'impasto-test',
  instanceId: 'one',
  settings: {},
  prometheus: true,
  log: silentLogger,
};
// A process has one provider of meters.
const nothingYet = await startMetrics({ ...wished, prometheus: false });
const silent = await nothingYet.text();
const metrics = await startMetrics(wished);
const read = async (...also: Parameters<typeof metrics.text>) => parsePrometheus(await metrics.text(...also));

describe('metrics', () => {
  it('are none where nobody wants to read them', () => {
    assert.equal(silent, '');
  });

  it('are text for Prometheus: what a process counts says which process, what is seen of all does not', async () => {
    ownMeter().createCounter('impasto.test.own', { description: 'Own' }).add(2, { status: 'a "b"\\c\nd' });
    fleetMeter().createGauge('impasto.test.fleet', { description: 'Of all', unit: 's' }).record(1.5);
    const families = await read();
    const [own] = families.get('impasto_test_own_total')?.samples ?? [];
    assert.equal(own?.labels.status, 'a "b"\\c\nd');
    assert.equal(own?.labels.service_instance_id, 'one');
    assert.deepEqual(families.get('impasto_test_fleet'), {
      type: 'gauge',
      help: 'Of all',
      samples: [{ name: 'impasto_test_fleet', labels: {}, value: 1.5 }],
    });
  });

  it('have histograms with bounds for what they measure', async () => {
    const wait = ownMeter().createHistogram('impasto.job.wait', { unit: 's' });
    for (const seconds of [0.05, 40, 5_000]) wait.record(seconds);
    const families = await read();
    const name = 'impasto_job_wait_bucket';
    assert.deepEqual(
      ['0.1', '30', '60', '3600', '+Inf'].map((le) => sampleValue(families, name, { le })),
      [1, 1, 2, 2, 3],
    );
  });

  it('show histograms that others have counted beside their own', async () => {
    const counted = [0.001, 0.7, 100].reduce(countIn, undefined as ReturnType<typeof countIn> | undefined);
    assert.ok(counted);
    assert.equal(counted.counts.length, stageBounds.length + 1);
    const series = [{ ...counted, labels: { stage: 'decode', worker: 'a' } }];
    const families = await read([{ name: 'impasto.job.stage.duration', description: 'Stages', series }]);
    const at = (le: string) =>
      sampleValue(families, 'impasto_job_stage_duration_bucket', { le, stage: 'decode' });
    assert.deepEqual([at('0.001'), at('1'), at('60'), at('+Inf')], [1, 2, 2, 3]);
    assert.equal(sampleValue(families, 'impasto_job_stage_duration_sum'), 100.701);
  });

  it('count the warnings and errors of the log by event, those of child loggers, too', async () => {
    const lines: string[] = [];
    const log = countEvents(makeLogger({ write: (line) => lines.push(line) }));
    log.info('fine');
    log.warn('test.odd');
    log.child({ jobId: 'a' }).warn('test.odd');
    log.error('test.bad', { error: new Error('no') });
    const families = await read();
    const count = (event: string) => sampleValue(families, 'impasto_log_events_total', { event });
    assert.deepEqual([count('test.odd'), count('test.bad'), lines.length], [2, 1, 4]);
    assert.match(lines[2] ?? '', /"jobId":"a"/);
    const levels = families.get('impasto_log_events_total')?.samples.map(({ labels }) => labels.level);
    assert.deepEqual(levels, ['warn', 'error']);
  });

  it('are told of any line that is not as Prometheus wants it', () => {
    const head = '# HELP a_total x\n# TYPE a_total counter\n';
    for (const bad of [
      'a_total 1\n',
      `${head}a_total 1`,
      `${head}a_total{x="1" 1\n`,
      `${head}a_total{x="1"} 1\na_total{x="1"} 2\n`,
      `${head}${head}`,
      `${head}b_total 1\n`,
      `${head}a_total one\n`,
      '# HELP h x\n# TYPE h histogram\nh_count 2\nh_sum 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\n',
      '# HELP h x\n# TYPE h histogram\nh_count 1\nh_sum 1\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\n',
    ])
      assert.throws(() => parsePrometheus(bad), assert.AssertionError, bad);
  });
});
