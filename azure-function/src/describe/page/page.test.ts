import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { errorCatalogue } from '@impasto/shared';
import { routes } from '../../http/routes.ts';
import { type Answer, invoke } from '../../testing/invoke.ts';
import { makeGetDocs } from '../get-docs.ts';
import { html, inline } from './html.ts';

describe('the page about the API', () => {
  let answer: Answer;
  let page = '';
  before(async () => {
    answer = await invoke(makeGetDocs(), { path: '/api/docs' });
    page = String(answer.body);
  });

  it('has every route and every code', () => {
    for (const { path } of routes) {
      const shown = page.replaceAll('<wbr>', '').includes(`/api/${path}`.replace(/(?<!\/)\/+$/, ''));
      assert.ok(shown, path);
    }
    for (const code of Object.keys(errorCatalogue)) assert.ok(page.includes(`id="error-${code}"`), code);
  });

  it('runs nothing and fetches nothing, and its headers allow neither', () => {
    assert.doesNotMatch(page, /<script|<img|<iframe|<object|\son\w+=|\sstyle="|@import|url\(/i);
    for (const [, address] of page.matchAll(/<link [^>]*href="([^"]*)"/g))
      assert.match(address ?? '', /^data:/);
    const policy = answer.headers['content-security-policy'] ?? '';
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    assert.ok(
      policy.startsWith("default-src 'none'") && policy.includes(`style-src 'sha256-${hash}'`),
      policy,
    );
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });

  it('has links that lead somewhere, and no name twice', () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(id), id);
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (['meta', 'link', 'wbr'].includes(name)) continue;
      if (slash === '') open.push(name);
      else assert.equal(open.pop(), name);
    }
    assert.deepEqual(open, []);
  });
});

describe('markup', () => {
  it('escapes texts', () => {
    assert.equal(
      html`<p title="${'"'}">${'<script>&'}</p>`.html,
      '<p title="&quot;">&lt;script&gt;&amp;</p>',
    );
    assert.equal(inline('`<b>` and **more**').html, '<code>&lt;b&gt;</code> and <strong>more</strong>');
  });
});
