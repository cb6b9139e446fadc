// Spans as lines of a file, for a machine without a collector. Several processes may write to the same one: each adds
// whole lines at its end.
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { WrittenSpan } from './written-span.ts';

export function makeSpanFile(file: string): SpanExporter {
  // One write after the other, so that a flush waits for all of them.
  let writing: Promise<void> = Promise.resolve();
  const add = async (lines: string) => {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, lines, { mode: 0o600 });
  };
  return {
    export: (spans, done) => {
      const lines = spans.map((span) => `${JSON.stringify(written(span))}\n`).join('');
      const adding = writing.then(() => add(lines));
      writing = adding.catch(() => {});
      adding.then(
        () => done({ code: 0 }),
        (error) => done({ code: 1, error }),
      );
    },
    forceFlush: () => writing,
    shutdown: () => writing,
  };
}

function written(span: ReadableSpan): WrittenSpan {
  const { traceId, spanId } = span.spanContext();
  const parentId = span.parentSpanContext?.spanId;
  return {
    traceId,
    spanId,
    ...(parentId !== undefined && { parentId }),
    service: String(span.resource.attributes[ATTR_SERVICE_NAME]),
    name: span.name,
    kind: SpanKind[span.kind].toLowerCase(),
    startMs: msOf(span.startTime),
    durationMs: msOf(span.duration),
    failed: span.status.code === SpanStatusCode.ERROR,
    attributes: Object.fromEntries(Object.entries(span.attributes)),
    links: span.links.map((link) => link.context.traceId),
  };
}

/** To the microsecond. */
function msOf([seconds, nanoseconds]: HrTime): number {
  return Math.round(seconds * 1e6 + nanoseconds / 1e3) / 1e3;
}
