import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { makeLogger } from '../logger.ts';
import { startFakeIngestion } from '../testing/fake-ingestion.ts';
import { openAzureExporter } from './metrics-azure.ts';

const one: ResourceMetrics = {
  resource: resourceFromAttributes({ 'service.name': 'impasto-test' }),
  scopeMetrics: [
    {
      scope: { name: 'impasto' },
      metrics: [
        {
          descriptor: { name: 'impasto.test', description: '', unit: '', valueType: 1 },
          aggregationTemporality: 0,
          dataPointType: 2,
          dataPoints: [{ startTime: [1, 0], endTime: [1, 0], attributes: {}, value: 1 }],
        },
      ],
    },
  ],
};

describe('metrics that Application Insights does not take', () => {
  it('are one line of the log, however often they are sent', async (test) => {
    // Its certificate is signed by nobody that this process knows.
    const ingestion = await startFakeIngestion();
    test.after(() => ingestion.stop());
    const lines: string[] = [];
    const log = makeLogger({ write: (line) => lines.push(line) });
    const exporter = openAzureExporter(ingestion.environment, log);
    for (let sent = 0; sent < 2; sent += 1)
      await new Promise<void>((resolve) => exporter.export(one, () => resolve()));
    await exporter.shutdown();
    const [line = '', ...more] = lines;
    assert.deepEqual(more, []);
    const { event, error } = JSON.parse(line);
    assert.deepEqual([event, ingestion.bodies], ['telemetry.export_failed', []]);
    assert.ok(error.length > 0 && !error.includes('InstrumentationKey'), error);
  });

  it('are refused before anything is sent where the address holds no key', () => {
    assert.throws(
      () =>
        openAzureExporter(
          { APPLICATIONINSIGHTS_CONNECTION_STRING: 'IngestionEndpoint=https://localhost/' },
          makeLogger(),
        ),
      /instrumentation key/,
    );
  });
});
