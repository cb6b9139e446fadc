import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeGetIndex } from '../get-index.ts';
import { invoke, problemOf } from '../testing/invoke.ts';
import { makeRefuseAddress } from './refuse-address.ts';
import { routes } from './routes.ts';

describe('addresses', () => {
  it('are all listed in the index', async () => {
    const { body } = await invoke(makeGetIndex(['impasto-v1']), { path: '/api' });
    const listed = (body as { routes: { path: string }[] }).routes.map((route) => route.path);
    assert.equal(new Set(listed).size, new Set(routes.map(({ path }) => path)).size);
    assert.ok(listed.includes('/api') && listed.includes('/api/status/{job_id}'), listed.join());
  });

  it('that do not exist are 404', async () => {
    const answer = await invoke(makeRefuseAddress(), { path: '/api/nothing/here' });
    assert.deepEqual([answer.status, problemOf(answer).code], [404, 'not_found']);
  });

  it('name the methods they take when they are asked with another', async () => {
    const wrong = [
      ['GET', '/api/style-transfer', 'POST'],
      ['PUT', '/api/STATUS/abc', 'GET'],
      ['DELETE', '/api/health', 'GET'],
      ['POST', '/api/result/abc', 'GET, HEAD'],
      ['POST', '/api', 'GET'],
      ['PUT', '/api/dead-letters', 'GET, DELETE'],
      ['POST', '/api/dead-letters/abc', 'GET, DELETE'],
      ['GET', '/api/Dead-Letters/abc/Replay/', 'POST'],
    ] as const;
    for (const [method, path, allowed] of wrong) {
      const answer = await invoke(makeRefuseAddress(), { method, path });
      assert.deepEqual([answer.status, answer.headers.allow], [405, allowed], path);
    }
  });
});
