import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { preferredWaitSeconds } from './prefer.ts';

function preferred(...lines: string[]): number | undefined {
  const headers = new Headers();
  for (const line of lines) headers.append('Prefer', line);
  return preferredWaitSeconds({ headers });
}

describe('the wait in a Prefer header', () => {
  const cases: [what: string, lines: string[], seconds: number | undefined][] = [
    ['alone', ['wait=20'], 20],
    ['among other preferences', ['respond-async, wait=20'], 20],
    ['before other preferences', ['wait=7,handling=lenient'], 7],
    ['in a second header', ['respond-async', 'wait=5'], 5],
    ['quoted', ['wait="12"'], 12],
    ['quoted, with quoted pairs', ['wait="1\\2"'], 12],
    ['with parameters', ['wait=9; foo="a, wait=3"; bar'], 9],
    ['behind a preference with commas in quotes', ['note="x, wait=1", wait=2'], 2],
    ['behind quotes with an escaped quote', ['note="\\", wait=1", wait=2'], 2],
    ['in capitals, with space around', ['  Wait = 4 '], 4],
    ['between empty elements', [', ,wait=3,,'], 3],
    ['none', ['respond-async'], undefined],
    ['of more than a minute', ['wait=3600'], 60],
    ['of very many digits', [`wait=${'9'.repeat(400)}`], 60],
    ['of no time', ['wait=0'], 0],
    ['given twice, where the first counts', ['wait=8, wait=2'], 8],
    ['of a longer name', ['waiting=5, await=6'], undefined],
    ['inside of quotes', ['note=", wait=5'], undefined],
  ];
  for (const [what, lines, seconds] of cases)
    it(`is found: ${what}`, () => assert.equal(preferred(...lines), seconds));

  it('is ignored where it is no number of seconds', () => {
    for (const word of ['', '=', '=-1', '=1.5', '=1e3', '=soon', '="5', '=""', '=5 6', '=０'])
      assert.equal(preferredWaitSeconds({ headers: { get: () => `wait${word}` } as never }), undefined, word);
  });

  it('is a whole number from 0 to 60 or nothing, whatever the header holds', () => {
    const word = fc.constantFrom('wait', '=', '"', '\\', ',', ';', ' ', '5', '61', 'x', '-', '\t');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const seconds = preferredWaitSeconds({ headers: { get: () => words.join('') } as never });
        assert.ok(seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 60));
      }),
    );
  });

  it('takes no longer for a header made to be slow', () => {
    const startedAt = performance.now();
    for (const piece of ['"', '\\', '"\\', ';', ' ', 'wait', '=', '",'])
      preferredWaitSeconds({ headers: { get: () => `wait=${piece.repeat(30_000)}` } as never });
    assert.ok(performance.now() - startedAt < 2_000);
  });
});
