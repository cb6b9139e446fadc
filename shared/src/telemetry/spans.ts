// Spans as the apps make them. Without a provider (see tracing.ts) every call in here does nothing but run the work.
//
// What may stand on a span: ids, counts, names of stages and outcomes. Never a picture, a prompt, a key, an address with
// its path or query, or the words of an error, which may quote what a caller sent: they are in the log, under the trace id.
import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { JobError } from '../errors.ts';
import { continueTrace, parseTraceparent } from '../trace-context.ts';

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export type { Span };

export interface SpanOptions {
  /** Default: `internal`. */
  readonly kind?: keyof typeof kinds;
  readonly attributes?: Attributes;
  /**
   * A traceparent, where the span goes on with what another process, or an earlier time, has begun. A span of another
   * trace that is under way here is linked then. Left out: the span is part of the one that is under way.
   */
  readonly parent?: string | null | undefined;
}

/** Runs the work within a span; the kind of an error that it throws is noted, and the error thrown on. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { parent, kind = 'internal', attributes = {} } = options;
  const { within, links } = placeOf(parent);
  const span = tracer().startSpan(name, { kind: kinds[kind], attributes, links }, within);
  try {
    return await context.with(trace.setSpan(within, span), () => work(span));
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/**
 * Notes on a span that it failed, and the kind of its error.
 * @param error what was thrown, or a word for its kind.
 */
export function failSpan(span: Span | undefined, error: unknown): void {
  span?.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', kindOf(error));
}

/** The span that is under way, if there is one. */
export function currentSpan(): Span | undefined {
  return trace.getActiveSpan();
}

export interface Stage {
  readonly name: string;
  readonly ms: number;
}

/**
 * Spans of stages that somebody else has timed, one after the other, as parts of the span that is under way.
 * @param startedAt of the first, in milliseconds since 1970.
 */
export function addStages(startedAt: number, stages: readonly Stage[]): void {
  if (!trace.getActiveSpan()?.isRecording()) return;
  let at = startedAt;
  for (const { name, ms } of stages) {
    tracer()
      .startSpan(name, { startTime: at })
      .end(at + ms);
    at += ms;
  }
}

/**
 * What the next process is told of a span, so that its spans become children of it.
 * @param parent that the span was made with. Without a provider the span is none: the trace goes on all the same, and
 * where the parent is missing or malformed a new one begins.
 */
export function traceparentOf(span: Span, parent?: string | null): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const isOurs = trace.isSpanContextValid(span.spanContext()) && spanId !== remoteOf(parent)?.spanId;
  return isOurs ? `00-${traceId}-${spanId}-0${traceFlags & 1}` : continueTrace(parent);
}

/** The same for what has a trace already: where the span is not kept, its own line goes on as it is. */
export function passedOn(span: Span, traceparent: string): string {
  return span.isRecording() ? traceparentOf(span, traceparent) : traceparent;
}

function tracer(): Tracer {
  return trace.getTracer('impasto');
}

function placeOf(parent: SpanOptions['parent']): { within: Context; links: { context: SpanContext }[] } {
  const here = context.active();
  const remote = remoteOf(parent);
  if (!remote) return { within: here, links: [] };
  const current = trace.getSpanContext(here);
  const isOther = current !== undefined && current.traceId !== remote.traceId;
  return {
    within: trace.setSpanContext(ROOT_CONTEXT, remote),
    links: isOther ? [{ context: current }] : [],
  };
}

function remoteOf(traceparent: string | null | undefined): SpanContext | undefined {
  const parsed = parseTraceparent(traceparent);
  if (!parsed) return undefined;
  const { traceId, spanId, flags } = parsed;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function kindOf(error: unknown): string {
  if (error instanceof JobError) return error.code;
  if (error instanceof Error) return error.name;
  return typeof error === 'string' ? error : 'unknown';
}
