import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { parseEnvironment } from './environment.ts';

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(7071),
  MODE: z.enum(['fast', 'fine']).default('fast'),
  NAME: z.string().regex(/^[a-z]+$/, 'expected lower-case letters'),
  COLOURS: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(['red', 'blue'])))
    .optional(),
  API_KEY: z.string().min(8, 'expected at least 8 characters').optional(),
});

function problems(environment: Record<string, string>): string[] {
  try {
    parseEnvironment(schema, environment);
  } catch (error) {
    if (error instanceof Error) return error.message.split('\n');
  }
  return assert.fail('expected an error');
}

test('settings are parsed, defaults filled in and other variables ignored', () => {
  const settings = parseEnvironment(schema, { NAME: 'anna', PORT: '80', HOME: '/root' });
  assert.deepEqual(settings, { NAME: 'anna', PORT: 80, MODE: 'fast' });
});

test('a variable set to nothing is not set', () => {
  assert.equal(parseEnvironment(schema, { NAME: 'anna', PORT: '' }).PORT, 7071);
});

test('every problem is listed in one message, one sentence a line', () => {
  assert.deepEqual(problems({ PORT: 'many', MODE: 'slow' }), [
    'Expected number, for PORT, received "many"',
    'Expected one of "fast"|"fine", for MODE, received "slow"',
    'Expected string, for NAME, received nothing',
  ]);
});

test('an expectation worded by the schema is kept', () => {
  assert.deepEqual(problems({ NAME: 'Anna' }), ['Expected lower-case letters, for NAME, received "Anna"']);
});

test('a problem inside a list is told with the whole variable', () => {
  assert.deepEqual(problems({ NAME: 'anna', COLOURS: 'red,ruby' }), [
    'Expected one of "red"|"blue", for COLOURS, received "red,ruby"',
  ]);
});

test('a secret is not repeated in the message', () => {
  assert.deepEqual(problems({ NAME: 'anna', API_KEY: 'hunter2' }), [
    'Expected at least 8 characters, for API_KEY, received a value that is secret',
  ]);
});
