import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addGlobalOptions, addStyleOptions, addTimeoutOption } from './cli-options.ts';

function parse(...args: string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addTimeoutOption(addStyleOptions(addGlobalOptions(command)));
  return command.parse(args, { from: 'user' }).opts();
}

test('numbers are read as numbers, and what was not given is left to the service', () => {
  const options = parse('-i', '.5', '-c', '1', '--quality', '80', '--max-side', '512', '--seed', '0');
  const { influence, creativity, quality, maxSide, seed } = options;
  assert.deepEqual([influence, creativity, quality, maxSide, seed], [0.5, 1, 80, 512, 0]);
  assert.ok(!('influence' in parse()));
});

test('a number with anything else in it is refused', () => {
  for (const text of ['0.7abc', '', ' ', '0,7', '0x1', '1e3', 'NaN', 'Infinity', '.', '--json']) {
    assert.throws(() => parse('--influence', text), /Expected a number/, text);
  }
  for (const text of ['1.5', '', '12px'])
    assert.throws(() => parse('--seed', text), /Expected a whole number/);
  assert.throws(() => parse('--timeout', '-1'), /Expected 0 or more seconds/);
});

test('a format is one of the three that the service writes', () => {
  assert.equal(parse('--format', 'webp').format, 'webp');
  assert.throws(() => parse('--format', 'gif'), /Allowed choices are png, jpeg, webp/);
});

test('an empty address counts as none', () => {
  assert.equal(parse('--url', '').url, 'http://localhost:7071');
});
