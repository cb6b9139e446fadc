// Places for spans that the settings name wrongly.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { parseEnvironment } from '../environment.ts';
import { makeLogger } from '../logger.ts';
import { telemetryEnvironment } from '../telemetry-environment.ts';
import { openExporters } from './tracing-exporters.ts';

describe('a place for spans that is named wrongly', () => {
  it('is noted in the log, without what was given, and keeps no other from its spans', async () => {
    const lines: string[] = [];
    const settings = {
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=half-a-key',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      TRACE_FILE: '/dev/null',
    };
    const exporters = await openExporters(settings, makeLogger({ write: (line) => lines.push(line) }));
    assert.equal(exporters.length, 2);
    await Promise.all(exporters.map((one) => one.shutdown()));
    const said = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      said.map(({ event, signal, exporter }) => [event, signal, exporter]),
      [['telemetry.not_started', 'traces', 'azure_monitor']],
    );
    assert.doesNotMatch(lines.join(), /half-a-key/);
  });

  it('is refused at the start where it is no address over HTTP, and a password in it is not repeated', () => {
    const read = (OTEL_EXPORTER_OTLP_ENDPOINT: string) =>
      parseEnvironment(z.object(telemetryEnvironment), { OTEL_EXPORTER_OTLP_ENDPOINT });
    assert.equal(
      read('https://a:b@collector:4318').OTEL_EXPORTER_OTLP_ENDPOINT,
      'https://a:b@collector:4318',
    );
    assert.throws(
      () => read('collector:4318'),
      /for OTEL_EXPORTER_OTLP_ENDPOINT, received "collector:4318"$/,
    );
    for (const address of ['ftp://a:pass-word@collector', 'a:pass-word@collector:4318'])
      assert.throws(
        () => read(address),
        ({ message }: Error) => /a value that is secret$/.test(message) && !message.includes('pass-word'),
      );
  });
});
