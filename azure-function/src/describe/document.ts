// The description of the API as OpenAPI 3.1: the table of routes, what is said of each, and the schemas that requests are
// checked with and answers are made from, put together.
import {
  batchBodySchema,
  batchViewSchema,
  deadLetterViewSchema,
  deliveryViewSchema,
  errorViewSchema,
  jobLinksSchema,
  limitsViewSchema,
  problemSchema,
  statusViewSchema,
  submissionBodySchema,
  submissionReceiptSchema,
  waitViewSchema,
  webhookEvents,
  webhookPayloadSchema,
} from '@impasto/shared';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import { methodsOfRoute, routes } from '../http/routes.ts';
import { named, namedExamples } from './examples.ts';
import { answerHeaders, type HeaderName } from './headers.ts';
import { intro } from './intro.ts';
import {
  type Answer,
  allProblems,
  byStatus,
  type Content,
  commonProblems,
  type Operation,
  type ProblemCode,
} from './operation.ts';
import { operations } from './operations.ts';
import { tags } from './tags.ts';

export type Document = ReturnType<typeof createDocument>;

/** Named, so that they are written once. */
const schemas = {
  Job: statusViewSchema,
  Receipt: submissionReceiptSchema,
  Submission: submissionBodySchema,
  Batch: batchViewSchema,
  BatchSubmission: batchBodySchema,
  Wait: waitViewSchema,
  JobLinks: jobLinksSchema,
  JobError: errorViewSchema,
  Delivery: deliveryViewSchema,
  WebhookPayload: webhookPayloadSchema,
  Limits: limitsViewSchema,
  DeadLetter: deadLetterViewSchema,
  Problem: problemSchema,
};

let made: Document | undefined;

/** Made when it is first asked for: most of the time nobody does. */
export function describeApi(): Document {
  made ??= createDocument(contents(), { override: (found) => simplify(found.jsonSchema, found) });
  return made;
}

interface Written {
  format?: unknown;
  pattern?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  propertyNames?: unknown;
  additionalProperties?: unknown;
}

/**
 * What zod writes and no reader of the document needs: patterns of what has a format, bounds that every number has. That
 * an answer has no other fields is nothing to promise: it may get some.
 */
function simplify(schema: Written, { io, zodSchema }: { io: 'input' | 'output'; zodSchema: unknown }): void {
  const isStrict = zodSchema instanceof z.ZodObject && zodSchema.def.catchall instanceof z.ZodNever;
  if (io === 'output' && schema.additionalProperties === false && !isStrict)
    delete schema.additionalProperties;
  if (schema.format !== undefined) delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  const names = schema.propertyNames;
  if (typeof names === 'object' && names !== null && Object.keys(names).join() === 'type')
    delete schema.propertyNames;
}

function contents(): ZodOpenApiObject {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Impasto',
      version: packageJson.version,
      summary: 'Paints one picture in the style of another.',
      description: intro,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document comes from.' }],
    tags: [...tags],
    security: [{ key_header: [] }, { key_query: [] }],
    paths: paths(),
    webhooks: webhooks(),
    components: {
      schemas,
      responses: commonAnswers(),
      examples: namedExamples,
      securitySchemes: {
        key_header: {
          type: 'apiKey',
          in: 'header',
          name: 'x-functions-key',
          description: 'A key of the service. The local service asks for none.',
        },
        key_query: { type: 'apiKey', in: 'query', name: 'code', description: 'The same key in the address.' },
        master_key_header: {
          type: 'apiKey',
          in: 'header',
          name: 'x-functions-key',
          description: 'The master key, for operators.',
        },
        master_key_query: {
          type: 'apiKey',
          in: 'query',
          name: 'code',
          description: 'The master key in the address.',
        },
      },
    },
  };
}

type Route = (typeof routes)[number];

function paths(): ZodOpenApiPathsObject {
  const all: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const address = `/api/${route.path}`.replace(/(?<!\/)\/+$/, '');
    for (const method of methodsOfRoute(route)) {
      const operation = describeOperation(route, method === 'HEAD');
      all[address] = { ...all[address], [method.toLowerCase()]: operation };
    }
  }
  return all;
}

/** @param headersOnly the HEAD of a GET: the same without any content. */
function describeOperation(route: Route, headersOnly: boolean): ZodOpenApiOperationObject {
  const { name, path, authLevel } = route;
  const operation: Operation = operations[name];
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => parameter);
  const id = name.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
  return {
    operationId: headersOnly ? `${id}Head` : id,
    tags: [operation.tag],
    summary: headersOnly ? `${operation.summary}, headers only` : operation.summary,
    description: operation.description,
    security: securityOf(authLevel),
    requestParams: {
      ...(pathParameters.length > 0 && { path: pathSchema(pathParameters) }),
      ...(operation.query && { query: operation.query }),
      ...(operation.headers && { header: operation.headers }),
    },
    ...(operation.body && {
      requestBody: { required: !operation.bodyIsOptional, content: json(operation.body) },
    }),
    responses: answersOf(operation, authLevel, headersOnly),
  };
}

const pathParameters: Readonly<Record<string, z.ZodType>> = {
  job_id: z.uuid().describe('The id of the job.'),
  batch_id: z.uuid().describe('The id of the batch.'),
  delivery_id: z.string().meta({ description: 'The id of the delivery.', examples: ['job.completed.1'] }),
  id: z.string().describe('The id of the job, or of the letter as the list has it.'),
};

function pathSchema(names: readonly string[]): z.ZodObject {
  return z.object(
    Object.fromEntries(
      names.map((name) => {
        const schema = pathParameters[name];
        if (!schema) throw new Error(`Expected a description for the parameter ${name}, found none`);
        return [name, schema];
      }),
    ),
  );
}

function securityOf(level: Route['authLevel']): Record<string, string[]>[] {
  if (level === 'anonymous') return [];
  return level === 'admin'
    ? [{ master_key_header: [] }, { master_key_query: [] }]
    : [{ key_header: [] }, { key_query: [] }];
}

function answersOf(
  operation: Operation,
  level: Route['authLevel'],
  headersOnly: boolean,
): ZodOpenApiResponsesObject {
  const common = commonProblems.filter((code) => !operation.isFixed || code !== 'storage_unavailable');
  const refusals = [...byStatus([...operation.refusals, ...common])];
  const entries: [string, ZodOpenApiResponsesObject[`2${string}`]][] = [
    ...Object.entries(operation.answers).map(([status, answer]): [string, ZodOpenApiResponseObject] => [
      status,
      good(answer),
    ]),
    ...(level === 'anonymous' ? [] : [['401', reference('401')] as [string, { $ref: string }]]),
    ...refusals.map(([status, codes]): [string, ZodOpenApiResponseObject | { $ref: string }] => {
      const isCommon = codes.every((code) => commonCodes.has(code));
      return [String(status), isCommon ? reference(status) : refusal(codes)];
    }),
  ];
  const answers: ZodOpenApiResponsesObject = Object.fromEntries(entries);
  return headersOnly ? withoutContent(answers) : answers;
}

function withoutContent(answers: ZodOpenApiResponsesObject): ZodOpenApiResponsesObject {
  const entries = Object.entries(answers).filter(([status]) => status !== '206');
  return Object.fromEntries(
    entries.map(([status, answer]) => {
      const { content: _content, ...rest } = answer;
      return [status, rest];
    }),
  );
}

function good({
  description,
  content,
  mediaTypes,
  headers = [],
  sometimes = [],
}: Answer): ZodOpenApiResponseObject {
  return {
    description,
    headers: headersOf(['X-Request-Id', ...headers], sometimes),
    ...(content && { content: json(content) }),
    ...(mediaTypes && { content: Object.fromEntries(mediaTypes.map((type) => [type, {}])) }),
  };
}

function headersOf(always: readonly HeaderName[], sometimes: readonly HeaderName[]): z.ZodObject {
  return z.object({
    ...Object.fromEntries(always.map((name) => [name, answerHeaders[name]])),
    ...Object.fromEntries(sometimes.map((name) => [name, answerHeaders[name].optional()])),
  });
}

function json({ schema, examples }: Content) {
  return { 'application/json': { schema, examples } };
}

const commonCodes: ReadonlySet<ProblemCode> = new Set(commonProblems);

function reference(status: number | string): { $ref: string } {
  return { $ref: `#/components/responses/Problem${status}` };
}

function commonAnswers(): Record<string, ZodOpenApiResponseObject> {
  const refusals = [...byStatus(commonProblems)].map(
    ([status, codes]) => [`Problem${status}`, refusal(codes)] as const,
  );
  const unauthorized = {
    description: 'There is no key, or another one; said by the platform, without a problem document.',
  };
  return { Problem401: unauthorized, ...Object.fromEntries(refusals) };
}

/** The shared shape, and which codes it may have here. */
function refusal(codes: readonly ProblemCode[]): ZodOpenApiResponseObject {
  const isRetryable = codes.some((code) => allProblems[code].retryable);
  const schema = { $ref: '#/components/schemas/Problem', properties: { code: { enum: [...codes] } } };
  return {
    description: codes.map((code) => `\`${code}\`: ${allProblems[code].title}.`).join('\n'),
    headers: headersOf(
      codes.includes('range_not_satisfiable') ? ['Content-Range'] : [],
      isRetryable ? ['X-Request-Id', 'Retry-After'] : ['X-Request-Id'],
    ),
    content: { 'application/problem+json': { schema } },
  };
}

function webhooks(): ZodOpenApiPathsObject {
  return Object.fromEntries(
    webhookEvents.map((event) => [
      event,
      {
        post: {
          operationId: `on${event.replace(/(?:^|\.)(\w)/g, (_dot, letter: string) => letter.toUpperCase())}`,
          tags: ['Webhooks'],
          summary: `A job's receiver is told of ${event}`,
          description:
            'Sent to the `webhook_url` of a job that asked for this event, signed by Standard Webhooks 1.0.0, at least once: the same `webhook-id` may come again. Answer with any `2xx` within 15 seconds; `410` says that nothing more is wanted.',
          security: [],
          requestParams: {
            header: z.object({
              'webhook-id': z.string().describe('The same for every attempt.'),
              'webhook-timestamp': z.string().describe('When it was sent, in seconds since 1970.'),
              'webhook-signature': z
                .string()
                .describe('One or more signatures, `v1,` and base64, with blanks between.'),
            }),
          },
          requestBody: {
            required: true,
            // Named, as what we send is what answers are like, and not what requests are like.
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/WebhookPayload' },
                examples: named('payload'),
              },
            },
          },
          responses: {
            '2XX': { description: 'The receiver has it.' },
            '410': { description: 'The receiver wants nothing more of this job.' },
          },
        },
      },
    ]),
  );
}
