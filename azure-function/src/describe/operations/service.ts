// What the routes about the service itself do.
import { limitsView, limitsViewSchema } from '@impasto/shared';
import { z } from 'zod';
import { requestHeaders } from '../headers.ts';
import type { Operation } from '../operation.ts';

const healthViewSchema = z.object({
  status: z.literal('ok'),
  jobs_in_queue: z.int().describe('About so many messages wait.'),
  workers: z.object({
    ready: z.int(),
    starting: z.int(),
    busy: z.int(),
    unhealthy: z.int(),
    execution_providers: z.array(z.string()).describe('What they paint on.'),
  }),
});

const indexViewSchema = z.object({
  name: z.literal('impasto'),
  version: z.string(),
  routes: z.array(z.object({ method: z.string(), path: z.string(), about: z.string() })),
  models: z.array(z.string()),
  limits: z.record(z.string(), z.number()).describe('The most important ones; all are at `GET /api/limits`.'),
});

const ifNoneMatch = z.object({ 'If-None-Match': requestHeaders.ifNoneMatch });
const unchanged = { description: 'Nothing has changed.', headers: ['ETag', 'Cache-Control'] } as const;

export const serviceOperations = {
  'get-health': {
    tag: 'Service',
    summary: 'Ask whether jobs can be taken',
    description:
      '`200` where the storage answers, and `503` where it does not. No worker is no trouble: one is started.',
    answers: {
      200: {
        description: 'Jobs are taken.',
        content: {
          schema: healthViewSchema,
          examples: {
            well: {
              summary: 'One worker, nothing to do',
              value: {
                status: 'ok',
                jobs_in_queue: 0,
                workers: { ready: 1, starting: 0, busy: 0, unhealthy: 0, execution_providers: ['cuda'] },
              },
            },
          },
        },
      },
    },
    refusals: [],
  },
  'get-metrics': {
    tag: 'Service',
    summary: 'Collect metrics',
    description:
      'Jobs by status and reason, queues, dead letters, workers and the stages of their jobs, as text for Prometheus (format 0.0.4). What is told of the whole service was seen within the last 15 seconds, whichever instance answers; what an instance has counted itself has the label `service_instance_id`.',
    answers: { 200: { description: 'The metrics.', mediaTypes: ['text/plain'], headers: ['Cache-Control'] } },
    refusals: [],
  },
  'get-index': {
    tag: 'Service',
    summary: 'See what there is',
    description: 'Every address, for somebody who has only this one.',
    answers: {
      200: {
        description: 'The addresses.',
        content: {
          schema: indexViewSchema,
          examples: {
            short: {
              summary: 'Shortened',
              value: {
                name: 'impasto',
                version: '1.0.0',
                routes: [{ method: 'POST', path: '/api/style-transfer', about: 'send a job' }],
                models: ['impasto-v1'],
                limits: { image_bytes: 20971520 },
              },
            },
          },
        },
      },
    },
    refusals: [],
    isFixed: true,
  },
  'get-limits': {
    tag: 'Service',
    summary: 'See the limits',
    description: 'What a caller may ask for, with the models that are on offer.',
    answers: {
      200: {
        description: 'The limits.',
        content: {
          schema: limitsViewSchema,
          examples: {
            usual: {
              summary: 'One model',
              value: limitsView({
                max_queued: 1000,
                models: [{ name: 'impasto-v1', version: '1' }],
                webhooks_enabled: true,
              }),
            },
          },
        },
      },
    },
    refusals: [],
    isFixed: true,
  },
  'get-openapi': {
    tag: 'Service',
    summary: 'Read this document',
    description: 'The description of the API as OpenAPI 3.1.',
    headers: ifNoneMatch,
    answers: {
      200: {
        description: 'The document.',
        content: {
          schema: z
            .looseObject({
              openapi: z.string(),
              info: z.looseObject({ title: z.string(), version: z.string() }),
              paths: z.looseObject({}),
            })
            .describe('An OpenAPI document.'),
          examples: {
            short: {
              summary: 'Shortened',
              value: { openapi: '3.1.1', info: { title: 'Impasto', version: '1.0.0' }, paths: {} },
            },
          },
        },
        headers: ['ETag', 'Cache-Control'],
      },
      304: unchanged,
    },
    refusals: [],
    isFixed: true,
  },
  'get-docs': {
    tag: 'Service',
    summary: 'Read this document as a page',
    description: 'One page of HTML for people; it needs nothing from anywhere else.',
    headers: ifNoneMatch,
    answers: {
      200: { description: 'The page.', mediaTypes: ['text/html'], headers: ['ETag', 'Cache-Control'] },
      304: unchanged,
    },
    refusals: [],
    isFixed: true,
  },
} as const satisfies Record<string, Operation>;
