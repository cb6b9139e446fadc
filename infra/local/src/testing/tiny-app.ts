// A Function app for the tests of the host: registered with the real library, as ours is.
import { app, type HttpRequest, type InvocationContext } from '@azure/functions';

const seen = { started: false };

app.hook.appStart(() => {
  seen.started = true;
});

app.http('echo', {
  methods: ['POST'],
  handler: async (request: HttpRequest) => ({
    status: 201,
    headers: {
      'content-type': 'application/octet-stream',
      'x-length': String(request.headers.get('content-length')),
    },
    body: new Uint8Array(await request.arrayBuffer()),
  }),
});

app.http('item', {
  methods: ['GET'],
  route: 'items/{id}',
  handler: (request: HttpRequest, context: InvocationContext) => ({
    jsonBody: {
      matched: 'item',
      id: request.params.id,
      method: request.method,
      url: request.url,
      query: request.query.get('q'),
      traceparent: context.traceContext?.traceParent,
      started: seen.started,
    },
  }),
});

app.http('latest', {
  methods: ['GET'],
  route: 'items/latest',
  handler: () => ({ jsonBody: { matched: 'latest' } }),
});

app.http('throws', {
  methods: ['GET'],
  route: 'throws',
  handler: () => {
    throw new Error('a secret of the inside');
  },
});

app.http('nothing', { methods: ['DELETE'], route: 'items/{id}', handler: () => ({ status: 204 }) });

app.http('rest', {
  methods: ['GET', 'POST', 'PUT'],
  route: '{*path}',
  handler: (request: HttpRequest) => ({
    status: 404,
    jsonBody: { matched: 'rest', path: request.params.path ?? '' },
  }),
});
