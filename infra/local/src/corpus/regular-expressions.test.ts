// S21: no regular expression of ours can be made to think for long. Each is taken from the source and run against long
// texts made of its own parts, which is where backtracking goes wrong.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createContext, Script } from 'node:vm';
import { makeRouteMatcher } from '../functions-host/route-matcher.ts';
import { sourceFiles } from './source-files.ts';

const length = 100_000;
const mostMs = 50;
/** A busy machine may be slow once; an expression is slow again and again. */
const tries = 4;

interface Found {
  readonly where: string;
  readonly expression: RegExp;
}

/** A slash where no division can stand, a body in which a class may hold slashes, and flags. */
const literal =
  /(?<=(?:^|[=(,:[!&|?;{}]|\breturn|=>)\s*)\/((?:\\.|\[(?:\\.|[^\]\\\n])+\]|[^/*\\[\n])(?:\\.|\[(?:\\.|[^\]\\\n])+\]|[^/\\[\n])*)\/([dgimsuvy]*)/gm;

function literalsIn(name: string, text: string): Found[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(literal)].flatMap(([, body = '', flags = '']) => {
    const expression = compiled(body, flags);
    return expression ? { where: `${name}: /${body}/${flags}`, expression } : [];
  });
}

/** Undefined for what only looked like one, such as two slashes in a text. */
function compiled(body: string, flags: string): RegExp | undefined {
  try {
    // Without a position of its own to start at, so that each run is a run from the beginning.
    return new RegExp(body, flags.replace(/[gy]/g, ''));
  } catch {
    return undefined;
  }
}

/** The plain texts in an expression, such as `data:image/`, and all of its single characters. */
function partsOf({ source }: RegExp): { texts: string[]; characters: string[] } {
  const plain = source
    .replaceAll(/\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\p\{[^}]*\}|\\[dDwWsSbB0]/gi, '\n')
    .replaceAll(/\{\d+(?:,\d*)?\}|\(\?(?:[:=!]|<[=!]|<\w+>)/g, '\n');
  const texts = plain
    .replaceAll(/\\(.)/g, '$1')
    .split(/[\n^$()[\]{}|*+?.]+/)
    .filter((text) => text.length > 1);
  const characters = new Set([
    ...plain.replaceAll(/[\\\n^]/g, ''),
    'a',
    '0',
    ' ',
    '-',
    '\n',
    '\u00e9',
    '\u200d',
  ]);
  return { texts: [...new Set(texts)].slice(0, 4), characters: [...characters] };
}

/** Something to begin with, something over and over, something that spoils the match at the end. */
function* adversaries(expression: RegExp): Generator<string> {
  const { texts, characters } = partsOf(expression);
  const pairs = characters.map((one, i) => one + (characters[(i + 1) % characters.length] ?? ''));
  for (const start of ['', ...texts]) {
    for (const again of [...texts, ...characters, ...pairs]) {
      const long = again.repeat(Math.ceil(length / again.length));
      for (const end of ['\0', '\n']) yield `${start}${long}${end}`;
    }
  }
}

const runOnce = new Script('expression.test(text)');
const sandbox: { expression?: RegExp; text?: string } = {};
const context = createContext(sandbox);

/** Milliseconds of the best of some tries; a run that would not end is ended. */
function bestMs(expression: RegExp, text: string): number {
  Object.assign(sandbox, { expression, text });
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries && best >= mostMs; i += 1) {
    const startedAt = performance.now();
    try {
      runOnce.runInContext(context, { timeout: 4 * mostMs });
      best = Math.min(best, performance.now() - startedAt);
    } catch {
      // Out of time: the only thing that goes wrong with a match.
    }
  }
  return best;
}

const files = await sourceFiles();
const found = files.flatMap(({ name, text }) => literalsIn(name, text));

describe('S21: regular expressions', () => {
  it('S21: are found in the source', () => {
    const bodies = found.map(({ where }) => where);
    const known = ['^data:image\\/', '^00-(?!0{32})', '^application\\/json', '\\p{Emoji_Modifier}'];
    for (const part of known)
      assert.ok(
        bodies.some((body) => body.includes(part)),
        part,
      );
    assert.ok(found.length >= 40, `${found.length}`);
  });

  it('S21: would be found if one of them backtracked', () => {
    for (const bad of [/(a+)+$/, /\/+$/, /x (.*)$/])
      assert.ok(
        adversaries(bad).some((text) => bestMs(bad, text) > mostMs),
        `${bad}`,
      );
  });

  it('S21: are made at run time in one place, of parts that are escaped', () => {
    const makers = files.filter(({ text }) => /\bRegExp\(/.test(text)).map(({ name }) => name);
    assert.deepEqual(makers, ['infra/local/src/functions-host/route-matcher.ts']);
  });

  it(`S21: made of our routes take no more than ${mostMs} ms for an address of 100 kB`, () => {
    const templates = ['status/{job_id}', 'jobs/{id}/{part?}', '{*path}'];
    const match = makeRouteMatcher(
      templates.map((template) => ({ template, methods: ['GET'], target: template })),
      'api',
    );
    for (const again of ['/', 'a', 'a/', '/api', '%2f', '.', '%']) {
      const path = `/api/status/${again.repeat(length / again.length)}`;
      const times = Array.from({ length: tries }, () => {
        const startedAt = performance.now();
        match('GET', path);
        return performance.now() - startedAt;
      });
      assert.ok(Math.min(...times) < mostMs, `${times} ms for ${again}`);
    }
  });

  for (const { where, expression } of found) {
    it(`S21: ${where} takes no more than ${mostMs} ms for 100 kB`, () => {
      for (const text of adversaries(expression)) {
        const ms = bestMs(expression, text);
        assert.ok(
          ms < mostMs,
          `${ms} ms for ${JSON.stringify(text.slice(0, 60))}... ${JSON.stringify(text.slice(-3))}`,
        );
      }
    });
  }
});
