// From the bytes of a request to a submission that is known to be good: every limit is checked here, before
// anything is stored.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type FieldProblem,
  JobError,
  type JobParameters,
  type JobWebhook,
  type SubmissionBody,
  submissionBodySchema,
} from '@impasto/shared';
import { z } from 'zod';
import type { OfferedModel } from '../config.ts';
import { assertFieldCount, parseJson } from '../http/json-body.ts';
import { nextTurn } from '../http/large-bodies.ts';
import { decodeBase64Image } from './base64-image.ts';
import { fieldProblems } from './field-problems.ts';
import { type ImageFacts, inspectImage } from './inspect-image.ts';

export interface SubmittedImage extends ImageFacts {
  readonly bytes: Buffer;
  /** Of the bytes, in hexadecimal. */
  readonly sha256: string;
}

/** What is to be done about a job beside painting it. */
export interface Handling {
  readonly metadata: Readonly<Record<string, string>>;
  readonly webhook?: Omit<JobWebhook, 'origin'>;
  readonly retentionHours?: number;
  /** Paint anew even where the same picture was painted before. */
  readonly noCache: boolean;
}

export interface Submission {
  readonly content: SubmittedImage;
  readonly style: SubmittedImage;
  readonly parameters: JobParameters;
  /** The one that is to paint; its name is among the parameters. */
  readonly model: OfferedModel;
  readonly handling: Handling;
}

/** A submission as its request had it. */
export interface AskedSubmission extends Submission {
  /** What was asked for and nothing else: see `askedFields`. */
  readonly asked: Readonly<Record<string, unknown>>;
}

export interface FormRules {
  /** On offer, the default first. */
  readonly models: readonly OfferedModel[];
  readonly checkReceiver: CheckReceiver;
}

/** Beside the form: what takes as long as somebody else's name server does. */
export interface AddressRules {
  readonly resolveReceiver: ResolveSubmitted;
}

/**
 * The address of a webhook in the form in which it will be called, as far as its text tells.
 * @throws JobError `webhook_url_forbidden`, or `webhooks_off` where nothing could sign what is sent.
 */
export type CheckReceiver = (url: string) => string;

/**
 * Looks at what the name in such an address resolves to, where that can be learned within seconds.
 * @throws JobError `webhook_url_forbidden`.
 */
export type ResolveSubmitted = (url: string) => Promise<void>;

/**
 * Takes several turns of the event loop: with two images of the largest size it is a second's work.
 * @throws JobError with the status, code and fields of the problem.
 */
export async function parseSubmission(body: Uint8Array, rules: FormRules): Promise<AskedSubmission> {
  const value = await parseJson(body);
  assertFieldCounts(value);
  const parsed = submissionBodySchema.safeParse(value);
  if (!parsed.success) throw refusal(fieldProblems(parsed.error.issues));
  const problems: FieldProblem[] = [];
  const model = collect(problems, '/model', () => knownModel(parsed.data.model, rules.models));
  const handling = handlingOf(parsed.data, value, rules.checkReceiver, problems);
  await nextTurn();
  const content = collect(problems, '/content_image', () =>
    readImage(parsed.data.content_image, 'content_image'),
  );
  await nextTurn();
  const style = collect(problems, '/style_image', () => readImage(parsed.data.style_image, 'style_image'));
  if (problems.length > 0 || !model || !content || !style) throw refusal(problems);
  const asked = {
    ...askedFields(parsed.data, handling),
    content_image: content.sha256,
    style_image: style.sha256,
  };
  return { content, style, model, handling, parameters: parametersOf(parsed.data, model.name), asked };
}

const { content_image: _content, style_image: _style, ...fieldsBesideImages } = submissionBodySchema.shape;
const defaults: Readonly<Record<string, unknown>> = z.object(fieldsBesideImages).parse({});
const defaultEvents = fieldsBesideImages.webhook_events.parse(undefined);

/**
 * What a request has asked for beside its images: without what it left out, and without what has its default, so that a
 * field that is new or a model that becomes the default makes no other request of it.
 */
export function askedFields(
  fields: Readonly<Record<string, unknown>>,
  { webhook }: Pick<Handling, 'webhook'>,
): Record<string, unknown> {
  const named = {
    ...fields,
    webhook_url: webhook?.url,
    webhook_events: webhook?.events ?? defaultEvents,
  };
  const given = Object.entries(named).filter(
    ([name, value]) =>
      name in fieldsBesideImages && value !== undefined && !isDeepStrictEqual(value, defaults[name]),
  );
  return Object.fromEntries(given);
}

/** Of the body, and of each object and list in it: each that is wrong would be named in the answer. */
function assertFieldCounts(value: unknown): void {
  assertFieldCount(value);
  for (const field of Object.values(value ?? {})) if (typeof field === 'object') assertFieldCount(field);
}

type HandlingFields = Pick<
  SubmissionBody,
  'metadata' | 'webhook_url' | 'webhook_events' | 'retention_hours' | 'no_cache'
>;

/** @param given the body before defaults; @param problems that are found are added to these. */
export function handlingOf(
  fields: HandlingFields,
  given: unknown,
  checkReceiver: CheckReceiver,
  problems: FieldProblem[],
): Handling {
  const { metadata, webhook_url: asked, webhook_events, retention_hours: retentionHours, no_cache } = fields;
  if (asked === undefined && Object.hasOwn(Object(given), 'webhook_events')) {
    const detail = 'Expected webhook_url beside webhook_events, received nothing';
    problems.push({ pointer: '/webhook_url', code: 'required', detail });
  }
  // What checks the names does not see this one, and would lose the pair without a word.
  if (Object.hasOwn(Object(Object(given).metadata), '__proto__')) {
    const detail =
      'Expected a name of letters, digits, dots, dashes and underscores for each name in metadata';
    problems.push({ pointer: '/metadata/__proto__', code: 'invalid_value', detail });
  }
  const url = asked && collect(problems, '/webhook_url', () => checkReceiver(asked));
  return {
    metadata,
    noCache: no_cache,
    ...(url !== undefined && { webhook: { url, events: [...new Set(webhook_events)] } }),
    ...(retentionHours !== undefined && { retentionHours }),
  };
}

/**
 * @param name of the field that has it, for the problem that is thrown.
 * @throws JobError
 */
export function readImage(text: string, name: string): SubmittedImage {
  const bytes = decodeBase64Image(text, name);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, sha256, ...inspectImage(bytes, name) };
}

/** @throws JobError `unknown_model`. */
export function knownModel(asked: string | undefined, models: readonly OfferedModel[]): OfferedModel {
  const model = asked === undefined ? models[0] : models.find(({ name }) => name === asked);
  if (model) return model;
  throw new JobError(
    'unknown_model',
    `Expected one of ${models.map(({ name }) => name).join(', ')} for model, received ${JSON.stringify(asked)}`,
  );
}

type PaintingFields = Omit<SubmissionBody, 'content_image' | 'style_image' | keyof HandlingFields>;

export function parametersOf(body: PaintingFields, model: string): JobParameters {
  return {
    influence: body.influence,
    creativity: body.creativity,
    additionalPrompt: body.additional_prompt,
    outputFormat: body.output_format,
    outputQuality: body.output_quality,
    maxSide: body.max_side,
    model,
    ...(body.seed !== undefined && { seed: body.seed }),
  };
}

/** Runs a check; what it finds wrong becomes a problem of this field, so that a caller hears of all at once. */
export function collect<T>(problems: FieldProblem[], pointer: string, check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    problems.push(problemFrom(error, pointer));
    return undefined;
  }
}

/**
 * The rest of the form, for when nobody is kept waiting by it.
 * @throws JobError as the form does.
 */
export async function checkAddresses(
  { webhook }: Pick<Handling, 'webhook'>,
  { resolveReceiver }: AddressRules,
): Promise<void> {
  try {
    if (webhook) await resolveReceiver(webhook.url);
  } catch (error) {
    throw refusal([problemFrom(error, '/webhook_url')]);
  }
}

function problemFrom(error: unknown, pointer: string): FieldProblem {
  if (!(error instanceof JobError)) throw error;
  return { pointer, code: error.code, detail: error.message };
}

// One problem is answered with its own status; several with that of the first, and all of them in the list.
export function refusal(problems: readonly FieldProblem[]): JobError {
  const [first] = problems;
  if (!first) return new JobError('invalid_body', 'Expected a job, received something else');
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more: see errors)` : '';
  return new JobError(first.code, `${first.detail}${more}`, { fields: problems });
}
