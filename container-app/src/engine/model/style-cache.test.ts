import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PreparedStyle } from './model.ts';
import { makeStyleCache } from './style-cache.ts';

const model = { name: 'impasto-v1', version: '1.0.0' };
const style = (text: string) => new TextEncoder().encode(text);

function makePreparer() {
  const prepared: PreparedStyle[] = [];
  const prepare = async () => {
    const one: PreparedStyle = { kind: 'fixed-style' };
    prepared.push(one);
    return one;
  };
  return { prepared, prepare };
}

test('a style is prepared once for the same bytes', async () => {
  const { prepared, prepare } = makePreparer();
  const cache = makeStyleCache();
  const first = await cache.get(model, style('waves'), prepare);
  assert.equal(await cache.get(model, style('waves'), prepare), first);
  assert.equal(prepared.length, 1);
});

test('another picture, model, version or variant is another style', async () => {
  const { prepared, prepare } = makePreparer();
  const cache = makeStyleCache();
  await cache.get(model, style('waves'), prepare);
  await cache.get(model, style('stars'), prepare);
  await cache.get({ ...model, name: 'other' }, style('waves'), prepare);
  await cache.get({ ...model, version: '2.0.0' }, style('waves'), prepare);
  await cache.get(model, style('waves'), prepare, 'side 256');
  assert.equal(prepared.length, 5);
});

test('the style that was not used for longest leaves a full cache', async () => {
  const { prepared, prepare } = makePreparer();
  const cache = makeStyleCache(2);
  for (const name of ['waves', 'stars', 'waves', 'fields', 'waves'])
    await cache.get(model, style(name), prepare);
  assert.equal(prepared.length, 3);
  await cache.get(model, style('stars'), prepare);
  assert.equal(prepared.length, 4);
});

test('a failure is not kept', async () => {
  const { prepare } = makePreparer();
  const cache = makeStyleCache();
  await assert.rejects(
    cache.get(model, style('waves'), () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal((await cache.get(model, style('waves'), prepare)).kind, 'fixed-style');
});
