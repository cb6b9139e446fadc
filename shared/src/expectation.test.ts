import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { expectationIn } from './expectation.ts';

const messageFor = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues[0]?.message ?? '';

describe('what a message of zod expects', () => {
  it('is found with what was received, and without', () => {
    assert.deepEqual(expectationIn(messageFor(z.number(), 'x')), { expected: 'number', received: 'string' });
    assert.deepEqual(expectationIn(messageFor(z.number().max(1), 7)), { expected: 'number to be <=1' });
    assert.deepEqual(expectationIn('Expected a folder'), { expected: 'a folder' });
  });

  it('is undefined where nothing of the kind is said', () => {
    assert.equal(expectationIn('Unrecognized key: "x"'), undefined);
  });
});
