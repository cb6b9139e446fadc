import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRouteMatcher } from './route-matcher.ts';

const templates = ['status/{job_id:guid}', 'status/{name}', 'status/latest', 'page/{number:int?}', '{*rest}'];
const routes = templates.map((template) => ({ template, methods: ['get'], target: template }));
const match = makeRouteMatcher(routes, 'api');
const guid = '3F2504E0-4F89-11D3-9A0C-0305E82C3301';

const cases: readonly [path: string, target: string | undefined, params?: Record<string, string>][] = [
  ['/api/status/latest', 'status/latest', {}],
  ['/API/Status/LATEST', 'status/latest', {}],
  [`/api/status/${guid}`, 'status/{job_id:guid}', { job_id: guid }],
  ['/api/status/anna', 'status/{name}', { name: 'anna' }],
  ['/api/status/a%20b%2Fc', 'status/{name}', { name: 'a b/c' }],
  ['/api/status/anna/', 'status/{name}', { name: 'anna' }],
  ['/api/status/a/b', '{*rest}', { rest: 'status/a/b' }],
  ['/api/page', 'page/{number:int?}', {}],
  ['/api/page/7', 'page/{number:int?}', { number: '7' }],
  ['/api/page/seven', '{*rest}', { rest: 'page/seven' }],
  ['/api', '{*rest}', {}],
  ['/api/', '{*rest}', {}],
  ['/api/status/%E0%A4%A', undefined],
  ['/apistatus/latest', undefined],
  ['/', undefined],
];

for (const [path, target, params] of cases) {
  test(`${path} goes to ${target ?? 'nobody'}`, () => {
    const found = match('GET', path);
    assert.equal(found?.target, target);
    if (params) assert.deepEqual(found?.params, params);
  });
}

test('a method that the most specific route does not take goes on to the next', () => {
  const both = makeRouteMatcher(
    [
      { template: 'a/{id}', methods: ['GET'], target: 'get' },
      { template: '{*rest}', methods: ['POST'], target: 'rest' },
    ],
    'api',
  );
  assert.equal(both('POST', '/api/a/1')?.target, 'rest');
  assert.equal(both('PUT', '/api/a/1'), undefined);
});

test('HEAD is a GET for a function that only knows GET, and itself for one that knows it', () => {
  assert.equal(match('HEAD', '/api/status/latest')?.method, 'GET');
  const head = makeRouteMatcher([{ template: 'a', methods: ['GET', 'HEAD'], target: 1 }], 'api');
  assert.equal(head('HEAD', '/api/a')?.method, 'HEAD');
});

test('dots and other signs in a literal stand for themselves', () => {
  const dotted = makeRouteMatcher([{ template: 'v1.0/a+b', methods: ['GET'], target: 1 }], 'api');
  assert.ok(dotted('GET', '/api/v1.0/a+b'));
  assert.equal(dotted('GET', '/api/v1x0/a+b'), undefined);
});

for (const template of ['{id:regex(x)}', '{a}.{b}', '{id=7}', '{']) {
  test(`a template outside the rules is refused: ${template}`, () => {
    const make = () => makeRouteMatcher([{ template, methods: ['GET'], target: 1 }], 'api');
    assert.throws(make, /Expected \{name\}/);
  });
}
