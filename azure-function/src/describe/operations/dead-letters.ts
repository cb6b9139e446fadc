// What the routes of dead letters do.
import {
  bulkPurgeSchema,
  bulkReplaySchema,
  deadLetterLimits,
  deadLetterListSchema,
  deadLetterStates,
  deadLetterViewSchema,
  statusViewSchema,
} from '@impasto/shared';
import { z } from 'zod';
import * as examples from '../examples.ts';
import type { Operation } from '../operation.ts';
import { bodyRefusals } from './common.ts';

const reason = z.string().min(1).max(100).optional().describe('Those with this reason.');
const cursor = z.string().min(1).optional().describe('The `next_cursor` of the page before.');
const bulkLimit = z.int().min(1).max(deadLetterLimits.bulk).default(deadLetterLimits.bulk);
const queryRefusals = [
  'unknown_field',
  'invalid_value',
  'invalid_type',
  'out_of_range',
  'too_long',
  'required',
  'invalid_cursor',
] as const;
const letterRefusals = ['dead_letter_not_found', 'record_unreadable', 'newer_version'] as const;

/** What the form of the bodies takes: one of `reason` and `all`. */
const replaySelection = z
  .strictObject({
    reason,
    all: z.literal(true).optional().describe('Every one; in place of `reason`.'),
    limit: bulkLimit,
    cursor,
  })
  .meta({ oneOf: [{ required: ['reason'] }, { required: ['all'] }] });

export const deadLetterOperations = {
  'list-dead-letters': {
    tag: 'Dead letters',
    summary: 'List dead letters',
    description: 'A page may have fewer letters than `limit`, even none, before the last one.',
    query: z.object({
      reason,
      state: z.enum(deadLetterStates).default('open').describe('Those in this state.'),
      limit: z.int().min(1).max(deadLetterLimits.page).default(50),
      cursor,
    }),
    answers: {
      200: {
        description: 'A page of letters.',
        content: {
          schema: deadLetterListSchema,
          examples: { page: { summary: 'One letter', value: examples.deadLetters } },
        },
      },
    },
    refusals: queryRefusals,
  },
  'get-dead-letter': {
    tag: 'Dead letters',
    summary: 'See why a job failed',
    description: 'And whether it can be tried again.',
    answers: {
      200: {
        description: 'The letter.',
        content: {
          schema: deadLetterViewSchema,
          examples: { open: { summary: 'One that can be replayed', value: examples.deadLetter } },
        },
      },
    },
    refusals: letterRefusals,
  },
  'replay-dead-letter': {
    tag: 'Dead letters',
    summary: 'Try a failed job again',
    description: 'The job is queued again, under its own id. Safe to repeat.',
    answers: {
      202: {
        description: 'The job, which waits again.',
        content: {
          schema: statusViewSchema,
          examples: examples.named('queuedJob'),
        },
        headers: ['Location', 'Retry-After'],
      },
    },
    refusals: [...letterRefusals, 'not_replayable', 'job_not_found', 'job_gone'],
  },
  'replay-dead-letters': {
    tag: 'Dead letters',
    summary: 'Try many failed jobs again',
    description: 'Those with a `reason`, or `all`: one of the two has to be said.',
    body: {
      schema: replaySelection,
      examples: { all: { summary: 'Every one', value: { all: true } } },
    },
    answers: {
      200: {
        description: 'What was replayed and what was not.',
        content: {
          schema: bulkReplaySchema,
          examples: { some: { summary: 'Three', value: examples.bulkReplay } },
        },
      },
    },
    refusals: [...bodyRefusals, 'invalid_cursor', 'record_unreadable', 'newer_version'],
  },
  'purge-dead-letter': {
    tag: 'Dead letters',
    summary: 'Throw a dead letter away',
    description: 'With the images of its job.',
    answers: { 204: { description: 'It is gone.' } },
    refusals: [...letterRefusals, 'not_replayable', 'job_gone'],
  },
  'purge-dead-letters': {
    tag: 'Dead letters',
    summary: 'Throw many dead letters away',
    description: 'Those with a `reason`, or `all`: one of the two has to be said.',
    query: z.object({
      reason,
      all: z.literal('true').optional().describe('Every one; in place of `reason`.'),
      limit: bulkLimit,
      cursor,
    }),
    answers: {
      200: {
        description: 'What was thrown away and what was not.',
        content: {
          schema: bulkPurgeSchema,
          examples: { some: { summary: 'Three', value: examples.bulkPurge } },
        },
      },
    },
    refusals: [...queryRefusals, 'record_unreadable', 'newer_version'],
  },
} as const satisfies Record<string, Operation>;
