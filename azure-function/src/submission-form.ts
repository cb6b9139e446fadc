// From the bytes of a request to a submission that is known to be good: every limit is checked here, before
// anything is stored.
import {
  type FieldProblem,
  JobError,
  type JobParameters,
  type SubmissionBody,
  submissionBodySchema,
} from '@impasto/shared';
import { decodeBase64Image } from './base64-image.ts';
import { fieldProblems } from './field-problems.ts';
import { type ImageFacts, inspectImage } from './inspect-image.ts';
import { assertFieldCount, parseJson } from './json-body.ts';
import { nextTurn } from './large-bodies.ts';

export interface SubmittedImage extends ImageFacts {
  readonly bytes: Buffer;
}

export interface Submission {
  readonly content: SubmittedImage;
  readonly style: SubmittedImage;
  readonly parameters: JobParameters;
}

/**
 * Takes several turns of the event loop: with two images of the largest size it is a second's work.
 * @param models names on offer, the default first.
 * @throws JobError with the status, code and fields of the problem.
 */
export async function parseSubmission(body: Uint8Array, models: readonly string[]): Promise<Submission> {
  const value = await parseJson(body);
  assertFieldCount(value);
  const parsed = submissionBodySchema.safeParse(value);
  if (!parsed.success) throw refusal(fieldProblems(parsed.error.issues));
  const problems: FieldProblem[] = [];
  const model = collect(problems, '/model', () => knownModel(parsed.data.model, models));
  await nextTurn();
  const content = collect(problems, '/content_image', () => readImage(parsed.data, 'content_image'));
  await nextTurn();
  const style = collect(problems, '/style_image', () => readImage(parsed.data, 'style_image'));
  if (model === undefined || content === undefined || style === undefined) throw refusal(problems);
  return { content, style, parameters: parametersOf(parsed.data, model) };
}

function readImage(body: SubmissionBody, field: 'content_image' | 'style_image'): SubmittedImage {
  const bytes = decodeBase64Image(body[field], field);
  return { bytes, ...inspectImage(bytes, field) };
}

function knownModel(asked: string | undefined, models: readonly string[]): string {
  const name = asked ?? models[0];
  if (name !== undefined && models.includes(name)) return name;
  throw new JobError(
    'unknown_model',
    `Expected one of ${models.join(', ')} for model, received ${JSON.stringify(name)}`,
  );
}

function parametersOf(body: SubmissionBody, model: string): JobParameters {
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
function collect<T>(problems: FieldProblem[], pointer: string, check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof JobError)) throw error;
    problems.push({ pointer, code: error.code, detail: error.message });
    return undefined;
  }
}

// One problem is answered with its own status; several with that of the first, and all of them in the list.
export function refusal(problems: readonly FieldProblem[]): JobError {
  const [first] = problems;
  if (!first) return new JobError('invalid_body', 'Expected a job, received something else');
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more: see errors)` : '';
  return new JobError(first.code, `${first.detail}${more}`, { fields: problems });
}
