import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCatalogue } from '@impasto/shared';
import { type OpenApiDocument, operationsIn } from '@impasto/shared/testing/conformance';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { methodsOfRoute, routes } from '../http/routes.ts';
import { invoke } from '../testing/invoke.ts';
import { describeApi } from './document.ts';
import { makeGetLimits } from './get-limits.ts';
import { makeGetOpenapi } from './get-openapi.ts';
import { allProblems } from './operation.ts';
import { operations } from './operations.ts';

const document = JSON.parse(JSON.stringify(describeApi())) as OpenApiDocument & {
  readonly tags: readonly { readonly name: string }[];
  readonly components: Record<string, Record<string, Record<string, unknown>>>;
};
const described = operationsIn(document);

/** Every object in the document that has this key, with the way to it. */
function* withKey(
  key: string,
  value: unknown = document,
  at = '#',
): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, key)) yield [at, value as Record<string, unknown>];
  for (const [name, inner] of Object.entries(value))
    yield* withKey(key, inner, `${at}/${name.replaceAll('/', '~1')}`);
}

function lookUp(ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, name) => Object(value)[name.replaceAll('~1', '/')], document);
}

/** Strict: a keyword that no JSON Schema has is an error, and so is one that can never apply. */
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
addFormats.default(ajv);
const local = (schema: unknown) =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"schemas#/$defs/'));
ajv.addSchema({ $id: 'schemas', $defs: local(document.components.schemas) });
const validatorOf = (schema: unknown) => ajv.compile(local(schema));

describe('the description of the API', () => {
  it('S9: has the operations of the table of routes, all of them and no others', () => {
    const routed = routes.flatMap((route) =>
      methodsOfRoute(route).map((method) => `${method} ${`/api/${route.path}`.replace(/(?<!\/)\/+$/, '')}`),
    );
    assert.deepEqual(described.map(({ method, path }) => `${method} ${path}`).sort(), routed.sort());
  });

  it('is OpenAPI 3.1: what has to be there is there, and every reference leads somewhere', () => {
    assert.match(document.openapi, /^3\.1\.\d+$/);
    const ids = [...withKey('operationId')].map(([, { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const [at, operation] of withKey('operationId')) {
      const { summary, description, responses, tags: own } = operation;
      assert.ok(summary && description && Object.keys(Object(responses)).length > 0, at);
      assert.ok(
        (own as string[]).every((tag) => tags.has(tag)),
        at,
      );
    }
    for (const [at, { $ref }] of withKey('$ref'))
      assert.ok(lookUp(String($ref)) !== undefined, `${at}: ${$ref}`);
    for (const { path, operation } of described) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      assert.deepEqual(
        inPath.map(({ name }) => name).sort(),
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
      );
      assert.ok(
        inPath.every(({ required }) => required),
        path,
      );
      for (const status of Object.keys(operation.responses)) assert.match(status, /^[2345]\d\d$/);
    }
    for (const [at, { responses }] of withKey('responses', document.paths))
      for (const [status, { $ref, description }] of Object.entries(
        Object(responses) as Record<string, Record<string, unknown>>,
      ))
        assert.ok($ref ?? description, `${at} ${status}`);
  });

  it('says which key each operation wants', () => {
    for (const { name, path, authLevel } of routes) {
      const operation = described.find((one) => one.path === `/api/${path}`.replace(/(?<!\/)\/+$/, ''));
      assert.ok(operation, name);
      const schemes = (Object(operation.operation).security as object[]).flatMap((one) => Object.keys(one));
      const isMaster = schemes.some((scheme) => scheme.startsWith('master'));
      assert.deepEqual(
        [schemes.length, isMaster],
        [authLevel === 'anonymous' ? 0 : 2, authLevel === 'admin'],
        name,
      );
      for (const scheme of schemes) assert.ok(document.components.securitySchemes?.[scheme], scheme);
    }
  });

  it('has schemas that are JSON Schema 2020-12, and defaults and examples that they allow', () => {
    let examples = 0;
    for (const [at, { schema, examples: own = {} }] of withKey('schema')) {
      const validate = validatorOf(schema);
      for (const given of Object.values(own as Record<string, { $ref?: string; value?: unknown }>)) {
        const { value } = given.$ref === undefined ? given : (lookUp(given.$ref) as { value: unknown });
        assert.ok(validate(value), `${at}: ${JSON.stringify(validate.errors?.[0])}`);
        examples += 1;
      }
    }
    assert.ok(examples > 30, String(examples));
    for (const [at, schema] of withKey('default')) {
      if (schema.type === undefined && schema.anyOf === undefined) continue;
      const validate = validatorOf(schema);
      assert.ok(validate(schema.default), at);
    }
    for (const [at, schema] of withKey('examples')) {
      if (!Array.isArray(schema.examples)) continue;
      const validate = validatorOf(schema);
      for (const value of schema.examples) assert.ok(validate(value), `${at}: ${value}`);
    }
  });

  it('refuses unknown fields in what is sent, and promises none in what is answered', () => {
    const { schemas = {} } = document.components;
    assert.equal(schemas.Submission?.additionalProperties, false);
    assert.equal(schemas.BatchSubmission?.additionalProperties, false);
    assert.equal(schemas.Job?.additionalProperties, undefined);
    assert.equal(schemas.Problem?.additionalProperties, undefined);
  });

  it('names every code that can refuse a request, with the status that the code has', () => {
    const named = new Set(Object.values(operations).flatMap(({ refusals }) => refusals as readonly string[]));
    const ofTheAddress = ['not_found', 'method_not_allowed'];
    const ofJobsAndMessages = Object.keys(errorCatalogue).slice(
      Object.keys(errorCatalogue).indexOf('input_missing'),
    );
    const common = ['request_timeout', 'body_too_large', 'storage_unavailable', 'internal_error'];
    const missing = Object.keys(errorCatalogue).filter(
      (code) => ![...named, ...ofTheAddress, ...ofJobsAndMessages, ...common].includes(code),
    );
    assert.deepEqual(missing, []);
    for (const { operation } of described)
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const schema = content?.['application/problem+json']?.schema as
          | { properties: { code: { enum: (keyof typeof allProblems)[] } } }
          | undefined;
        for (const code of schema?.properties.code.enum ?? [])
          assert.equal(allProblems[code].status, Number(status), code);
      }
  });

  it('is sent as JSON, and not again to who has it', async () => {
    const handler = makeGetOpenapi();
    const first = await invoke(handler, { path: '/api/openapi.json' });
    assert.equal(first.headers['content-type'], 'application/json');
    assert.deepEqual(first.body, document);
    const headers = { 'If-None-Match': first.headers.etag ?? '' };
    assert.equal((await invoke(handler, { path: '/api/openapi.json', headers })).status, 304);
  });
});

describe('the limits', () => {
  it('are those of the settings and of the schemas', async () => {
    const models = [{ name: 'a', version: '2' }, { name: 'b' }];
    const handler = makeGetLimits({ models, max_queued: 7, webhooks_enabled: false });
    const { body } = await invoke(handler, { path: '/api/limits' });
    const { max_queued, models: offered, max_batch_jobs } = body as Record<string, unknown>;
    assert.deepEqual([max_queued, max_batch_jobs], [7, 7]);
    assert.deepEqual(offered, [
      { name: 'a', version: '2' },
      { name: 'b', version: null },
    ]);
  });
});
