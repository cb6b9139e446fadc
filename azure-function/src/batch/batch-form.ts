// From the bytes of a request to a batch that is known to be good: the same checks as for a single job, every problem with
// its place, before anything is stored.
import { type BatchBody, batchBodySchema, type FieldProblem, type JobError, limits } from '@impasto/shared';
import { assertFieldCount, parseJson } from '../http/json-body.ts';
import { nextTurn } from '../http/large-bodies.ts';
import { fieldProblems } from '../submit/field-problems.ts';
import {
  askedFields,
  collect,
  type FormRules,
  type Handling,
  handlingOf,
  knownModel,
  parametersOf,
  readImage,
  refusal,
  type Submission,
  type SubmittedImage,
} from '../submit/submission-form.ts';

/** One picture that is wanted, by the places of its images in the lists. */
export interface SubmittedItem extends Pick<Submission, 'parameters' | 'model'> {
  readonly content: number;
  readonly style: number;
}

export interface SubmittedBatch {
  readonly contents: readonly SubmittedImage[];
  readonly styles: readonly SubmittedImage[];
  readonly items: readonly SubmittedItem[];
  readonly handling: Handling;
  /** What was asked for and nothing else: see `askedFields`. */
  readonly asked: Readonly<Record<string, unknown>>;
}

type ImageList = 'content_images' | 'style_images';
type ItemBody = NonNullable<BatchBody['items']>[number];

const fieldsOfBatch = Object.keys(batchBodySchema.shape);
const fieldsOfItem = Object.keys(batchBodySchema.shape.items.unwrap().element.shape);

/**
 * Takes many turns of the event loop, one for each image.
 * @throws JobError with the status, code and fields of the problem.
 */
export async function parseBatch(body: Uint8Array, rules: FormRules): Promise<SubmittedBatch> {
  const value = await parseJson(body);
  assertCounts(value);
  const parsed = batchBodySchema.safeParse(value);
  if (!parsed.success) throw refusal(parsed.error.issues.flatMap(problemsIn));
  const problems: FieldProblem[] = [];
  const handling = handlingOf(parsed.data, value, rules.checkReceiver, problems);
  const items = itemsOf(parsed.data, rules, problems);
  problems.push(...unusedImages(parsed.data));
  const contents = await readImages(parsed.data, 'content_images', problems);
  const styles = await readImages(parsed.data, 'style_images', problems);
  if (problems.length > 0) throw refusal(problems);
  const asked = {
    ...askedFields(parsed.data, handling),
    content_images: contents.map(({ sha256 }) => sha256),
    style_images: styles.map(({ sha256 }) => sha256),
    items: pairsOf(parsed.data),
  };
  return { contents, styles, items, handling, asked };
}

function problemsIn(issue: Parameters<typeof fieldProblems>[0][number]): FieldProblem[] {
  return fieldProblems([issue], issue.path.length === 0 ? fieldsOfBatch : fieldsOfItem);
}

const longLists = ['content_images', 'style_images', 'items'];

/** Before each of them is looked at: millions of things that are wrong fit into a body. */
function assertCounts(value: unknown): void {
  assertFieldCount(value);
  const lists = Object(value) as Record<string, unknown>;
  const { content_images: contents, style_images: styles, items } = lists;
  if (Array.isArray(items)) assertJobs(items.length, '/items');
  else if (Array.isArray(contents) && Array.isArray(styles))
    assertJobs(contents.length * styles.length, '/content_images');
  for (const [name, field] of Object.entries(lists)) {
    const isLong = Array.isArray(field) && longLists.includes(name);
    if (isLong && field.length > limits.maxBatchJobs) throw tooManyEntries(name, field.length);
    for (const one of isLong ? field : [field]) if (typeof one === 'object') assertFieldCount(one);
  }
}

function assertJobs(jobs: number, pointer: string): void {
  if (jobs <= limits.maxBatchJobs) return;
  const detail = `Expected at most ${limits.maxBatchJobs} jobs in a batch, received ${jobs}`;
  throw refusal([{ pointer, code: 'too_many_jobs', detail }]);
}

function tooManyEntries(name: string, entries: number): JobError {
  const detail = `Expected a list of at most ${limits.maxBatchJobs} entries for ${name}, received ${entries}`;
  return refusal([{ pointer: `/${name}`, code: 'out_of_range', detail }]);
}

/** Contents first, where the body does not say which pairs it wants. */
function pairsOf({ content_images, style_images, items }: BatchBody): readonly ItemBody[] {
  return (
    items ??
    content_images.flatMap((_content, content) => style_images.map((_style, style) => ({ content, style })))
  );
}

function itemsOf(body: BatchBody, { models }: FormRules, problems: FieldProblem[]): SubmittedItem[] {
  const shared = collect(problems, '/model', () => knownModel(body.model, models));
  return pairsOf(body).flatMap((item, index) => {
    const places = [
      isPlace(item.content, body.content_images.length, `/items/${index}/content`, problems),
      isPlace(item.style, body.style_images.length, `/items/${index}/style`, problems),
    ];
    const model =
      item.model === undefined
        ? shared
        : collect(problems, `/items/${index}/model`, () => knownModel(item.model, models));
    if (places.includes(false) || !model) return [];
    const { content, style, ...own } = item;
    return [{ content, style, model, parameters: parametersOf({ ...body, ...given(own) }, model.name) }];
  });
}

/** As the schema gives it, what was left out may be there as undefined. */
function given<T extends object>(fields: T) {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function isPlace(place: number, images: number, pointer: string, problems: FieldProblem[]): boolean {
  if (place < images) return true;
  const name = pointer.slice(1).replaceAll('/', '.');
  const detail = `Expected the place of one of ${images} images, from 0, for ${name}, received ${place}`;
  problems.push({ pointer, code: 'out_of_range', detail });
  return false;
}

/** Whoever sends an image wants something done with it. */
function unusedImages(body: BatchBody): FieldProblem[] {
  const pairs = pairsOf(body);
  const unused = (list: ImageList, used: ReadonlySet<number>) =>
    body[list].flatMap((_image, place): FieldProblem[] => {
      if (used.has(place)) return [];
      const detail = `Expected an item that uses ${list}.${place}, received none`;
      return [{ pointer: `/${list}/${place}`, code: 'invalid_value', detail }];
    });
  return [
    ...unused('content_images', new Set(pairs.map(({ content }) => content))),
    ...unused('style_images', new Set(pairs.map(({ style }) => style))),
  ];
}

async function readImages(
  body: BatchBody,
  list: ImageList,
  problems: FieldProblem[],
): Promise<SubmittedImage[]> {
  const images: SubmittedImage[] = [];
  for (const [place, text] of body[list].entries()) {
    await nextTurn();
    const image = collect(problems, `/${list}/${place}`, () => readImage(text, `${list}.${place}`));
    if (image) images.push(image);
  }
  return images;
}
