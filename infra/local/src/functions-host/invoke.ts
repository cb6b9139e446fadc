// Runs one function through the real library: request in, answer out, both in plain terms.
import { randomUUID } from 'node:crypto';
import {
  type Binding,
  type HttpData,
  log,
  type RegisteredFunction,
  type TypedData,
} from './functions-core.ts';
import type { FunctionApp } from './load-app.ts';

/** A request without its body. */
export interface HttpRequestHead {
  readonly invocationId: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
}

export interface HttpInput extends HttpRequestHead {
  readonly body: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** When a timer fires, as ISO dates. */
export interface TimerInput {
  readonly isPastDue: boolean;
  readonly last: string;
  readonly next: string;
  readonly lastUpdated: string;
}

/** @throws whatever the function throws. */
export async function invoke(
  app: FunctionApp,
  registered: RegisteredFunction,
  input: HttpInput,
): Promise<HttpAnswer> {
  const { invocationId, method, url, headers, params, body } = input;
  const returnValue = await runThroughModel(app, registered, {
    invocationId,
    traceContext: traceOf(headers),
    inputData: [
      {
        name: httpTriggerOf(registered)?.name,
        data: { http: { method, url, headers, params, body: { bytes: body } } },
      },
    ],
  });
  return toAnswer(returnValue?.http);
}

/**
 * For an app that streams: the request itself goes to the library's server, and the answer comes from there.
 * @throws whatever the function throws, also in the middle of its answer.
 */
export async function invokeStreaming(
  app: FunctionApp,
  registered: RegisteredFunction,
  { invocationId, headers, params }: HttpRequestHead,
): Promise<void> {
  const values = Object.entries(params).map(([name, value]) => [name, { string: value }]);
  await runThroughModel(app, registered, {
    invocationId,
    traceContext: traceOf(headers),
    triggerMetadata: { ...Object.fromEntries(values), Headers: { json: JSON.stringify(headers) } },
    inputData: [{ name: httpTriggerOf(registered)?.name, data: { http: {} } }],
  });
}

const traceOf = ({ traceparent, tracestate }: HttpRequestHead['headers']) => ({
  traceParent: traceparent,
  traceState: tracestate,
});

/** @throws whatever the function throws. */
export async function invokeTimer(
  app: FunctionApp,
  registered: RegisteredFunction,
  { isPastDue, last, next, lastUpdated }: TimerInput,
): Promise<void> {
  // The platform writes these names so; the library gives them to the function in camel case.
  const timer = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: last, Next: next, LastUpdated: lastUpdated },
    IsPastDue: isPastDue,
  };
  await runThroughModel(app, registered, {
    invocationId: randomUUID(),
    inputData: [{ name: timerTriggerOf(registered)?.name, data: { json: JSON.stringify(timer) } }],
  });
}

/** One received message, as the platform tells a function of it. */
export interface QueueInput {
  readonly text: string;
  readonly id: string;
  readonly popReceipt: string;
  readonly dequeueCount: number;
  readonly insertionTime: Date;
  readonly expirationTime: Date;
  readonly nextVisibleTime: Date;
}

/** @throws whatever the function throws. */
export async function invokeQueue(
  app: FunctionApp,
  registered: RegisteredFunction,
  { text, id, popReceipt, ...rest }: QueueInput,
): Promise<void> {
  const asJson = (value: unknown) => ({ json: JSON.stringify(value) });
  await runThroughModel(app, registered, {
    invocationId: randomUUID(),
    // The library gives these names in camel case, and the dates as texts.
    triggerMetadata: {
      QueueTrigger: { string: text },
      Id: { string: id },
      PopReceipt: { string: popReceipt },
      DequeueCount: asJson(rest.dequeueCount),
      InsertionTime: asJson(rest.insertionTime),
      ExpirationTime: asJson(rest.expirationTime),
      NextVisibleTime: asJson(rest.nextVisibleTime),
    },
    // The library parses what is JSON.
    inputData: [{ name: queueTriggerOf(registered)?.name, data: { string: text } }],
  });
}

interface RpcRequest {
  readonly invocationId: string;
  readonly traceContext?: object;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly inputData: readonly object[];
}

async function runThroughModel(
  app: FunctionApp,
  { metadata, callback }: RegisteredFunction,
  request: RpcRequest,
): Promise<TypedData | null | undefined> {
  const { invocationId } = request;
  const invocation = app.model.getInvocationModel({
    invocationId,
    metadata,
    request: { triggerMetadata: {}, ...request },
    log,
  });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, callback);
  return (await invocation.getResponse(context, result)).returnValue;
}

/** The binding through which HTTP requests come in, if the function has one. */
export const httpTriggerOf = (registered: RegisteredFunction) => bindingOf(registered, 'httptrigger');

/** The binding with the schedule, if the function has one. */
export const timerTriggerOf = (registered: RegisteredFunction) => bindingOf(registered, 'timertrigger');

/** The binding with the queue's name, if the function has one. */
export const queueTriggerOf = (registered: RegisteredFunction) => bindingOf(registered, 'queuetrigger');

function bindingOf({ metadata }: RegisteredFunction, type: string): Binding | undefined {
  return Object.values(metadata.bindings).find((binding) => binding.type.toLowerCase() === type);
}

/** @throws Error for cookies, which this host does not send: better a refusal than silence. */
function toAnswer(http: HttpData | undefined): HttpAnswer {
  if (http === undefined) return { status: 204, headers: {}, body: new Uint8Array() };
  if (http.cookies?.length) throw new Error('Expected no cookies, for an HTTP answer, received some');
  return { status: Number(http.statusCode ?? 200), headers: http.headers ?? {}, body: toBytes(http.body) };
}

function toBytes(data: TypedData | null | undefined): Uint8Array {
  return data?.bytes ?? Buffer.from(data?.string ?? data?.json ?? '');
}
