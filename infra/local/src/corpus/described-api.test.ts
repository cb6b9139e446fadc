// The API against its own description: requests made up from it, good ones and bad ones, over a real socket. Whatever comes,
// the answer is as described, and never a failure of ours.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { indexNameOf, type Job, recordFailedJob, transition } from '@impasto/shared';
import { someJob, someResult } from '@impasto/shared/testing';
import {
  type Conformance,
  makeConformance,
  type OpenApiDocument,
  operationsAt,
  operationsIn,
  type PlacedOperation,
} from '@impasto/shared/testing/conformance';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { allowed, type Making, spoiled } from './from-schema.ts';
import { pngText } from './pictures.ts';
import { type Service, startService } from './service.ts';

const runs = { seed: 20261121, numRuns: 30, endOnFailure: true };

let service: Service;
let api: OpenApiDocument;
let conformance: Conformance;
let refuses: (schema: object, value: unknown) => boolean;
const jobIds: string[] = [];
/** Operations that have answered with the work done, at least once. */
const succeeded = new Set<string>();

before(async () => {
  service = await startService();
  api = (await (await fetch(`${origin()}/api/openapi.json`)).json()) as OpenApiDocument;
  conformance = makeConformance(api);
  refuses = makeRefuses(api);
  for (const job of [someJob(), completed(), failed()]) jobIds.push((await add(job)).jobId);
  const gone = await add(someJob());
  await service.storage.jobs.delete(gone.jobId, () => true);
  jobIds.push(gone.jobId);
});
after(() => service.stop());

const origin = () => `http://127.0.0.1:${service.port}`;
const now = () => new Date().toISOString();
const picture = Buffer.from(pngText, 'base64');

async function add(job: Job): Promise<Job> {
  const { jobs, jobIndex, images, deadLetters } = service.storage;
  const fresh = { ...job, createdAt: now() };
  await jobs.create(fresh);
  await jobIndex.create(indexNameOf(fresh), {});
  for (const key of Object.values(fresh.inputs)) await images.put(key, picture, 'image/png');
  if (fresh.status === 'completed') await images.put(fresh.result.key, picture, 'image/png');
  if (fresh.status === 'failed') await recordFailedJob(deadLetters, fresh);
  return fresh;
}

function completed(): Job {
  const job = transition(someJob(), { type: 'claimed', owner: 'a', at: now() });
  const key = `results/${job.jobId}/1-a.png`;
  const result = { ...someResult, key, bytes: picture.byteLength, sha256: 'a'.repeat(64) };
  return transition(job, { type: 'completed', claim: { owner: 'a', attempt: 1 }, result, at: now() });
}

function failed(): Job {
  const job = transition(someJob(), { type: 'claimed', owner: 'a', at: now() });
  const error = { code: 'image_corrupt', message: 'no picture', retryable: false };
  return transition(job, { type: 'attempt_failed', claim: { owner: 'a', attempt: 1 }, error, at: now() });
}

function makeRefuses({ components }: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'api', components }, 'api', undefined, false);
  return (schema: object, value: unknown) =>
    !ajv.validate(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')), value);
}

const images = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(pngText, `data:image/png;base64,${pngText}`) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 40 }) },
);
const few = fc.oneof(
  { weight: 5, arbitrary: fc.constant([pngText]) },
  { weight: 1, arbitrary: fc.array(images, { minLength: 1, maxLength: 2 }) },
);
const mostly = (good: readonly unknown[], other: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: other });

/** What no schema can say, and what would take its time. */
const making = (): Making => ({
  schemas: api.components.schemas,
  known: {
    content_image: images,
    style_image: images,
    content_images: few,
    style_images: few,
    content: mostly([0], fc.nat(2)),
    style: mostly([0], fc.nat(2)),
    model: mostly(['impasto-v1'], fc.string({ minLength: 1, maxLength: 9 })),
    webhook_url: fc.constantFrom('https://receiver.example.com/hook', 'http://10.0.0.1', 'x'),
    job_id: mostly(jobIds, fc.oneof(fc.uuid(), fc.string({ minLength: 1, maxLength: 20 }))),
    id: mostly(jobIds, fc.oneof(fc.uuid(), fc.string({ minLength: 1, maxLength: 20 }))),
    wait: mostly([0], fc.constantFrom('-1', 'soon', '1.5', '')),
    Prefer: fc.constantFrom('wait=0', 'respond-async', 'wait=soon', 'wait="0"; strict, x'),
    'If-Match': fc.constantFrom('*', '"x"', 'x'),
    'If-None-Match': fc.constantFrom('*', '"x"', 'W/"x", "y"', '"'),
    Range: fc.constantFrom('bytes=0-3', 'bytes=-4', 'bytes=9999999-', 'bytes=3-1', 'lines=1-2', 'x'),
    'If-Range': fc.constantFrom('"x"', 'x'),
    'Last-Event-ID': fc.constantFrom('1', 'x y', '"'),
  },
});

/** Made up, or one of the examples. */
function bodiesOf({ operation }: PlacedOperation): fc.Arbitrary<unknown> {
  const { schema, examples = {} } = operation.requestBody?.content['application/json'] ?? {};
  if (!schema) return fc.constant(undefined);
  const given = Object.values(examples).map(({ value }) => value);
  return fc.oneof(
    { weight: 3, arbitrary: allowed(schema, making()) },
    { weight: 1, arbitrary: fc.constantFrom(...given) },
  );
}

const isPrintable = (value: unknown) => /^[\x20-\x7e]*$/.test(String(value));

interface Call {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** @param body to send; none where the operation takes none. */
function callsOf({ operation }: PlacedOperation, body: fc.Arbitrary<unknown>): fc.Arbitrary<Call> {
  const { parameters = [] } = operation;
  const valuesIn = (place: string) => {
    const own = parameters.filter((parameter) => parameter.in === place);
    const entries = own.map(({ name, schema }) => {
      const made = allowed(schema, making());
      // What else there may be in a text cannot be sent in a header.
      return [name, making().known[name] ?? (place === 'header' ? made.filter(isPrintable) : made)];
    });
    const model = Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>;
    return fc.record(model, { requiredKeys: place === 'path' ? own.map(({ name }) => name) : [] });
  };
  return fc.record({ params: valuesIn('path'), query: valuesIn('query'), headers: valuesIn('header'), body });
}

async function call(
  { method, path }: PlacedOperation,
  { params, query, headers, body }: Call,
): Promise<number> {
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => escaped(String(params[name])));
  const url = new URL(filled, origin());
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) url.searchParams.append(name, String(one));
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, {
    method,
    headers: { ...type, ...(headers as Record<string, string>) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status } = response;
  // A stream would go on for minutes.
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const text = isStream ? await firstOf(response) : await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const seen = isJson || text === '' ? { body: text } : {};
  const answered = {
    method,
    path: url.pathname + url.search,
    status,
    headers: Object.fromEntries(response.headers),
  };
  conformance.check({ ...answered, ...seen });
  assert.ok(status < 500, `${method} ${url.pathname}${url.search}: ${text}`);
  return status;
}

async function firstOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}

/** Dots alone would be taken for a way up before anything is sent. */
const escaped = (part: string) => (/^\.{1,2}$/.test(part) ? 'dots' : encodeURIComponent(part.toWellFormed()));

/** What removes things comes last, and what removes all of them after that. */
function inOrder(): PlacedOperation[] {
  const rank = ({ method }: PlacedOperation) => ['GET', 'HEAD', 'POST', 'DELETE'].indexOf(method);
  return operationsIn(api).sort(
    (one, other) => rank(one) - rank(other) || other.path.length - one.path.length,
  );
}

describe('the API', () => {
  it('answers allowed requests as it describes', async () => {
    for (const placed of inOrder()) {
      const body = bodiesOf(placed);
      await fc.assert(
        fc.asyncProperty(callsOf(placed, body), async (made) => {
          if ((await call(placed, made)) < 400) succeeded.add(placed.operation.operationId);
        }),
        runs,
      );
    }
    const never = operationsIn(api)
      .map(({ operation }) => operation.operationId)
      .filter((id) => !succeeded.has(id));
    // Batches and deliveries have ids that nobody can make up.
    const named = ['getBatch', 'batchResults', 'cancelBatch', 'deleteBatch', 'redeliver'];
    assert.deepEqual(
      never.filter((id) => !named.includes(id)),
      [],
    );
  });

  it('refuses bodies that it describes as none of its own', async () => {
    let refused = 0;
    for (const placed of inOrder()) {
      const schema = placed.operation.requestBody?.content['application/json']?.schema;
      if (!schema) continue;
      await fc.assert(
        fc.asyncProperty(callsOf(placed, spoiled(schema, making())), async (made) => {
          const sent: unknown = made.body === undefined ? undefined : JSON.parse(JSON.stringify(made.body));
          const status = await call(placed, made);
          if (!refuses(schema, sent)) return;
          assert.ok(
            status >= 400,
            `taken although its description does not allow it: ${JSON.stringify(sent)}`,
          );
          refused += 1;
        }),
        { ...runs, numRuns: 150 },
      );
    }
    assert.ok(refused > 200, String(refused));
  });

  it('says which methods an address takes, to every other one', async () => {
    for (const path of new Set(operationsIn(api).map((placed) => placed.path.replace(/\{\w+\}/g, 'x')))) {
      const methods = operationsAt(api, path).map(({ method }) => method);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (methods.includes(method)) continue;
        const response = await fetch(new URL(path, origin()), { method });
        const headers = Object.fromEntries(response.headers);
        assert.equal(response.status, 405, `${method} ${path}`);
        conformance.check({ method, path, status: response.status, headers, body: await response.text() });
      }
    }
  });

  it('takes no body but JSON where it takes one', async () => {
    for (const { method, path, operation } of operationsIn(api)) {
      if (!operation.requestBody) continue;
      for (const type of [
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/json; charset=latin1',
      ]) {
        const response = await fetch(new URL(path, origin()), {
          method,
          headers: { 'content-type': type },
          body: '{}',
        });
        assert.equal(response.status, 415, `${path} ${type}`);
        await response.body?.cancel();
      }
    }
  });
});
