import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './table.ts';

test('a table has names to the left and numbers to the right', () => {
  const lines = formatTable(
    ['size', 'ms'],
    [
      ['256 px', '7'],
      ['1024 px', '1234'],
    ],
  );
  assert.equal(lines, ['size       ms', '-------  ----', '256 px      7', '1024 px  1234'].join('\n'));
});
