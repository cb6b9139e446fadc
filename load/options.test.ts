// The command line of the load run.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { levelNames, readOptions } from './options.ts';

describe('options of the load run', () => {
  it('are all levels, whole, as text, unless told otherwise', () => {
    const options = readOptions([]);
    assert.deepEqual(options?.levels, levelNames);
    assert.equal(options?.scale, 1);
    assert.equal(options?.format, 'text');
  });

  it('take levels in any order and case, once each', () => {
    assert.deepEqual(readOptions(['--level', 'l6, L1,L6'])?.levels, ['L1', 'L6']);
  });

  it('are undefined where help was asked for', () => {
    assert.equal(readOptions(['--help']), undefined);
  });

  for (const [args, message] of [
    [['--level', 'L1,L7'], /Expected some of L1.* for --level, received "L7"/],
    [['--scale', '0'], /from 0\.02 to 10 for --scale, received "0"/],
    [['--seed', '1.5'], /whole number for --seed, received "1\.5"/],
    [['--json', '--markdown'], /one of --json and --markdown, received both/],
    [['--levels', 'L1'], /--levels/],
  ] as const) {
    it(`are refused: ${args.join(' ')}`, () => {
      assert.throws(() => readOptions(args), message);
    });
  }
});
