// A handler behind a server of its own, as the platform's library runs it: each request names its invocation, and a
// streamed answer is written as fast as it is made, whoever reads.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { silentLogger } from '@impasto/shared';
import { type Handler, makeFunctionHandler } from '../http/respond.ts';

interface Call {
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const invocationHeader = 'x-ms-invocation-id';

export async function sendAsLibrary(
  response: ServerResponse,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of body) response.write(chunk);
  response.end();
}

/** Until the test ends. */
export async function serveOverSockets(test: TestContext, handler: Handler) {
  const answer = makeFunctionHandler('test', silentLogger, handler);
  const calls = new Map<string, Call>();
  const outcomes = new Map<string, unknown>();
  const server = createServer((incoming, response) => {
    const id = String(incoming.headers[invocationHeader]);
    const context = new InvocationContext({ invocationId: id });
    requestOf(incoming, calls.get(id))
      .then((asked) => answer(asked, context))
      .then((answered) => respond(response, answered))
      .then(
        () => outcomes.set(id, 'sent'),
        (error: unknown) => outcomes.set(id, error),
      );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  test.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    /** How each invocation ended: `sent`, or the error. */
    outcomes,
    /** Sends a request; whoever is to leave early destroys it. */
    send(id: string, call: Call) {
      calls.set(id, call);
      const { path, method = 'GET', headers = {}, body } = call;
      const sent = { ...headers, [invocationHeader]: id };
      const outgoing = request({ host: '127.0.0.1', port, path, method, headers: sent, agent: false });
      outgoing.on('error', () => {}).end(body);
      return outgoing;
    },
    async open(id: string, call: Call): Promise<IncomingMessage> {
      const [response] = await once(this.send(id, call), 'response');
      return response;
    },
  };
}

async function requestOf(incoming: IncomingMessage, call: Call | undefined): Promise<HttpRequest> {
  const { method = 'GET', url = '/', headers } = incoming;
  const bytes = await buffer(incoming);
  const address = new URL(url, 'http://localhost:7071');
  return new HttpRequest({
    method,
    url: address.href,
    params: { ...call?.params },
    query: Object.fromEntries(address.searchParams),
    headers: headers as Record<string, string>,
    ...(bytes.byteLength > 0 && { body: { bytes } }),
  });
}

async function respond(response: ServerResponse, answer: HttpResponseInit): Promise<void> {
  const { status = 200, headers, body, jsonBody } = answer;
  response.writeHead(status, headers as Record<string, string>);
  if (body instanceof ReadableStream) return await sendAsLibrary(response, body);
  response.end(jsonBody === undefined ? body : JSON.stringify(jsonBody));
}
