// DeadLetterClient: what an operator can do with jobs that failed and messages that nobody could read.
import { z } from 'zod';
import {
  type BulkPurge,
  type BulkReplay,
  bulkPurgeSchema,
  bulkReplaySchema,
  type DeadLetterList,
  type DeadLetterView,
  deadLetterListSchema,
  type deadLetterStates,
  deadLetterViewSchema,
} from '../dead-letter-wire.ts';
import { type StatusView, statusViewSchema } from '../wire.ts';
import { readJson, type ServiceRequest } from './answer.ts';
import { queryText } from './calls.ts';
import { type CallOptions, type StyleTransferClientOptions, settingsFrom } from './client-options.ts';
import { StyleTransferError } from './error.ts';
import { send, type TransportSettings } from './transport.ts';

interface Page {
  /** Letters at most: 1 to 200 of a listing, 1 to 100 of anything else. */
  readonly limit?: number | undefined;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface DeadLetterQuery extends Page {
  readonly reason?: string | undefined;
  /** Default `open`. */
  readonly state?: (typeof deadLetterStates)[number] | undefined;
}

/** Open letters of one reason, or all of them, which has to be said. */
export type DeadLetterSelection = Page &
  ({ readonly reason: string; readonly all?: never } | { readonly all: true; readonly reason?: never });

type Sent = Omit<ServiceRequest, 'path'> & { readonly below?: string };

/**
 * A client of the service's dead letters; the key it is made with has to be the app's master key. Ids are those of
 * jobs, or `message-{hash}`. Every method throws `StyleTransferError`, and every request is repeated on broken
 * connections, 408, 429 and 5xx: a replay that is asked for twice happens once, and so does a purge.
 */
export class DeadLetterClient {
  readonly #settings: TransportSettings;

  constructor(options: StyleTransferClientOptions = {}) {
    this.#settings = settingsFrom(options);
  }

  /** One page; there are more as long as it has a `next_cursor`, even if it holds no letters. */
  list(query: DeadLetterQuery = {}, options: CallOptions = {}): Promise<DeadLetterList> {
    const sent: Sent = { method: 'GET', below: queryText(query), ...options };
    return this.#ask(deadLetterListSchema, 'a page of dead letters', sent);
  }

  /** The whole letter, and whether the job can be replayed. */
  async get(id: string, options: CallOptions = {}): Promise<DeadLetterView> {
    const sent: Sent = { method: 'GET', below: `/${checkedId(id)}`, ...options };
    return this.#ask(deadLetterViewSchema, 'a dead letter', sent);
  }

  /** Queues a failed job again; resolves with the job as it is then. */
  async replay(id: string, options: CallOptions = {}): Promise<StatusView> {
    const sent: Sent = { method: 'POST', below: `/${checkedId(id)}/replay`, ...options };
    return this.#ask(statusViewSchema, 'the state of a job', sent);
  }

  /** Queues one page of failed jobs again; to be called with each `next_cursor` until there is none. */
  replayMany(selection: DeadLetterSelection, options: CallOptions = {}): Promise<BulkReplay> {
    const body = JSON.stringify(selection);
    const sent: Sent = { method: 'POST', below: '/replay', body, ...options };
    return this.#ask(bulkReplaySchema, 'the outcome of a replay', sent);
  }

  /** Throws a letter away, and the images of its job, which cannot be replayed any more. */
  async purge(id: string, options: CallOptions = {}): Promise<void> {
    await this.#send({ method: 'DELETE', below: `/${checkedId(id)}`, ...options });
  }

  /** Purges one page of letters; to be called with each `next_cursor` until there is none. */
  purgeMany(selection: DeadLetterSelection, options: CallOptions = {}): Promise<BulkPurge> {
    const sent: Sent = { method: 'DELETE', below: queryText(selection), ...options };
    return this.#ask(bulkPurgeSchema, 'the outcome of a purge', sent);
  }

  async #ask<T>(schema: z.ZodType<T>, what: string, sent: Sent): Promise<T> {
    const { request, answer } = await this.#send(sent);
    return readJson(schema, what, request, answer);
  }

  async #send({ below = '', ...rest }: Sent) {
    const request: ServiceRequest = { ...rest, path: `/api/dead-letters${below}` };
    return { request, answer: await send(this.#settings, request) };
  }
}

function checkedId(id: string): string {
  if (z.uuid().safeParse(id).success || /^message-[0-9a-f]{32}$/.test(id)) return id;
  const expected = 'the id of a job, or message-{hash},';
  throw new StyleTransferError('invalid_argument', `Expected ${expected} for id, received "${id}".`);
}
