import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from './parse-options.ts';

const parse = (...args: string[]) =>
  parseOptions({ args, options: { runs: { type: 'string', default: '7' }, json: { type: 'boolean' } } });

test('options have their values or their defaults', () => {
  assert.deepEqual({ ...parse('--runs', '3') }, { runs: '3' });
  assert.deepEqual({ ...parse('--json') }, { runs: '7', json: true });
});

const wrong: Readonly<Record<string, RegExp>> = {
  '--jobs 3': /^Expected options as --help lists them, received "--jobs" "3": Unknown option '--jobs'[^\n]*$/,
  fast: /^Expected options as --help lists them, received "fast": [^\n]+$/,
  '--runs': /^Expected options as --help lists them, received "--runs": [^\n]+$/,
  '--runs -3': /^Expected options as --help lists them, received "--runs" "-3": [^\n]+$/,
};

for (const [line, message] of Object.entries(wrong))
  test(`${line} is refused in a line`, () => {
    assert.throws(() => parse(...line.split(' ')), { message });
  });
