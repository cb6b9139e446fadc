// What the description of the API says of one route, beside what the table of routes says already.
import { type ErrorCode, errorCatalogue } from '@impasto/shared';
import type { z } from 'zod';
import type { HeaderName } from './headers.ts';
import type { Tag } from './tags.ts';

export interface Operation {
  readonly tag: Tag;
  /** A few words, for a headline. */
  readonly summary: string;
  /** CommonMark, in whole sentences. */
  readonly description: string;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: Content;
  /** Whether a call may leave the body out. */
  readonly bodyIsOptional?: boolean;
  readonly answers: Readonly<Record<number, Answer>>;
  /** What it may refuse, beside what every request may be refused for. */
  readonly refusals: readonly ErrorCode[];
  /** It asks nothing of the storage. */
  readonly isFixed?: boolean;
}

export interface Answer {
  readonly description: string;
  /** In JSON. */
  readonly content?: Content;
  /** Anything else, by media type: bytes and text without a schema. */
  readonly mediaTypes?: readonly string[];
  /** Those that every such answer has. */
  readonly headers?: readonly HeaderName[];
  /** Those that some have. */
  readonly sometimes?: readonly HeaderName[];
}

export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

export interface Content {
  readonly schema: z.ZodType;
  readonly examples: Readonly<Record<string, Example | { readonly $ref: string }>>;
}

/** Given before any function is asked: by the server in front, for a request that is none or is too much. */
const frontProblems = {
  bad_request: { status: 400, title: 'The request is not valid HTTP', retryable: false },
  headers_too_large: { status: 431, title: 'The headers are too large', retryable: false },
} as const;

/** Every problem that there is, with what its code stands for. */
export const allProblems = { ...errorCatalogue, ...frontProblems };
export type ProblemCode = keyof typeof allProblems;

/** Every request may be answered with these. */
export const commonProblems = [
  'bad_request',
  'request_timeout',
  'body_too_large',
  'headers_too_large',
  'internal_error',
  'storage_unavailable',
] as const satisfies readonly ProblemCode[];

/** Where a job is looked up. */
export const jobRefusals = ['job_not_found', 'job_gone', 'record_unreadable', 'newer_version'] as const;
/** Where a batch is. */
export const batchRefusals = ['batch_not_found', 'batch_gone', 'record_unreadable', 'newer_version'] as const;

/** By status, in order. */
export function byStatus(codes: readonly ProblemCode[]): Map<number, ProblemCode[]> {
  const sorted = [...new Set(codes)].sort((a, b) => allProblems[a].status - allProblems[b].status);
  return Map.groupBy(sorted, (code) => allProblems[code].status);
}
