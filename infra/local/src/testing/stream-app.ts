// A Function app for the tests of the host that streams: what it is asked for comes in several pieces, breaks off, is
// nothing, or is waited for by the test.
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { app, type HttpRequest, type InvocationContext } from '@azure/functions';

app.setup({ enableHttpStream: true });

/** Events by the name of the step: `step` lets the function go on. */
export const steps = new EventEmitter();
/** What the functions saw. */
export const seen: string[] = [];

app.http('echo', {
  methods: ['POST'],
  handler: async (request: HttpRequest) => ({
    status: 201,
    headers: { 'x-length': String(request.headers.get('content-length')) },
    body: request.body ?? '',
  }),
});

app.http('item', {
  methods: ['GET', 'POST'],
  route: 'items/{id}',
  handler: (request: HttpRequest, context: InvocationContext) => ({
    jsonBody: {
      id: request.params.id,
      query: request.query.get('q'),
      url: request.url,
      method: request.method,
      custom: request.headers.get('x-custom'),
      invocationHeader: request.headers.get('x-ms-invocation-id'),
      invocationId: context.invocationId,
      traceparent: context.traceContext?.traceParent,
    },
  }),
});

app.http('frames', {
  methods: ['GET'],
  handler: () => ({ headers: { 'content-type': 'text/event-stream' }, body: frames() }),
});

async function* frames(): AsyncGenerator<Uint8Array> {
  for (const id of [1, 2, 3]) {
    yield Buffer.from(`id: ${id}\n\n`);
    if (id < 3) await once(steps, `frame-${id}`);
  }
}

const block = Buffer.alloc(64 * 1024, 'z');

app.http('many', {
  methods: ['GET'],
  route: 'many/{blocks}',
  handler: ({ params }: HttpRequest) => ({ body: repeat(Number(params.blocks)) }),
});

async function* repeat(blocks: number): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < blocks; count += 1) yield block;
}

app.http('breaks', {
  methods: ['GET'],
  route: 'breaks/{how}',
  handler: ({ params }: HttpRequest) => {
    if (params.how === 'early') throw new Error('a secret of the inside');
    const headers: Record<string, string> = params.how === 'short' ? { 'content-length': '1000' } : {};
    return { headers, body: breaking(params.how === 'middle') };
  },
});

async function* breaking(throws: boolean): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the beginning');
  await delay(20);
  if (throws) throw new Error('the stream broke');
}

app.http('known', {
  methods: ['GET', 'DELETE'],
  handler: ({ method }: HttpRequest) =>
    method === 'DELETE'
      ? { status: 204 }
      : { status: 206, headers: { 'content-length': '5', 'content-range': 'bytes 0-4/9' }, body: 'hello' },
});

app.http('headed', {
  methods: ['HEAD'],
  handler: () => ({ headers: { 'content-length': '123456', etag: '"e"' } }),
});

app.http('unchanged', { methods: ['GET'], handler: () => ({ status: 304, headers: { etag: '"e"' } }) });

// The types want an answer; what runs is JavaScript.
app.http('nothing', { methods: ['GET'], handler: () => JSON.parse('null') });

app.http('cookies', {
  methods: ['GET'],
  handler: () => ({
    cookies: [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
    body: 'x',
  }),
});

app.http('unread', { methods: ['POST'], handler: () => ({ status: 415, body: 'not that' }) });

app.http('waits', {
  methods: ['POST'],
  handler: async (request: HttpRequest) => {
    const body = await request.text();
    seen.push(`read ${body.length}`);
    await once(steps, 'go-on');
    return { body: 'at last' };
  },
});
