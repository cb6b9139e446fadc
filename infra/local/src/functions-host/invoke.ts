// Runs one HTTP-triggered function through the real library: request in, answer out, both in plain terms.

import { type HttpData, log, type RegisteredFunction, type TypedData } from './functions-core.ts';
import type { FunctionApp } from './load-app.ts';

export interface HttpInput {
  readonly invocationId: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** @throws whatever the function throws. */
export async function invoke(
  app: FunctionApp,
  registered: RegisteredFunction,
  input: HttpInput,
): Promise<HttpAnswer> {
  const invocation = app.model.getInvocationModel({
    invocationId: input.invocationId,
    metadata: registered.metadata,
    request: toRpcRequest(registered, input),
    log,
  });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, registered.callback);
  const { returnValue } = await invocation.getResponse(context, result);
  return toAnswer(returnValue?.http);
}

function toRpcRequest(registered: RegisteredFunction, input: HttpInput): object {
  const { method, url, headers, params, body } = input;
  return {
    invocationId: input.invocationId,
    triggerMetadata: {},
    traceContext: { traceParent: headers.traceparent, traceState: headers.tracestate },
    inputData: [
      {
        name: httpTriggerOf(registered)?.name,
        data: { http: { method, url, headers, params, body: { bytes: body } } },
      },
    ],
  };
}

/** The binding through which HTTP requests come in, if the function has one. */
export function httpTriggerOf({ metadata }: RegisteredFunction) {
  return Object.values(metadata.bindings).find(({ type }) => type.toLowerCase() === 'httptrigger');
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
