// Loads a model folder of any kind, and is what the rest of the engine sees of it.
import { join } from 'node:path';
import { JobError } from '@impasto/shared';
import type { Pixels } from '../pixels.ts';
import { fitIn, fitOut, planFit } from './fit.ts';
import { encodeGraphProblems, paintGraphProblems } from './graph-check.ts';
import { type ImageDecoder, type ImageEncoder, makeImageDecoder, makeImageEncoder } from './image-tensor.ts';
import type { Manifest } from './manifest.ts';
import { readModelFolder } from './model-folder.ts';
import { openSession, type Session, type SessionOptions, type TensorData } from './session.ts';

/** What `prepareStyle` keeps of a style picture, by the model's kind. Opaque to callers; may be cached and used again. */
export type PreparedStyle =
  | { readonly kind: 'style-code'; readonly code: TensorData }
  | { readonly kind: 'content-style'; readonly tensor: TensorData }
  | { readonly kind: 'fixed-style' };

/** What a caller may turn; a model ignores what it has no tensor for. */
export interface ModelKnobs {
  /** 0..1. See `Model.handlesInfluence`. */
  readonly influence: number;
  readonly seed?: number;
  readonly prompt?: string;
}

export interface Model {
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
  /** The execution provider that is really in use, for example `cuda`. */
  readonly provider: string;
  /** Whether the network itself takes `influence`; where it does not, the caller blends with the photograph. */
  readonly handlesInfluence: boolean;
  /** Longer side in pixels that a style picture should have when it is given to `prepareStyle`; none for `fixed-style`. */
  readonly styleSidePixels: number | undefined;
  /** Code of a style picture (style-code), its pixels (content-style) or nothing (fixed-style). */
  prepareStyle(style: Pixels): Promise<PreparedStyle>;
  /** Returns a picture of the content's very size. Throws `JobError('model_failed')`. */
  stylize(content: Pixels, style: PreparedStyle, knobs: ModelKnobs): Promise<Pixels>;
  dispose(): Promise<void>;
}

/**
 * Checks a model folder, loads its graphs and compares them with the manifest.
 * Throws `JobError('model_unavailable')` that says what is wrong and what to do.
 */
export async function loadModel(folder: string, options: SessionOptions): Promise<Model> {
  const manifest = await readModelFolder(folder);
  const parts = await openParts(folder, manifest, options);
  return {
    name: manifest.name,
    version: manifest.version,
    manifest,
    provider: parts.paint.provider,
    handlesInfluence: manifest.knobs.influence !== null,
    styleSidePixels: manifest.kind === 'fixed-style' ? undefined : manifest.style_size.side,
    prepareStyle: (style) => prepareStyle(manifest, parts, style),
    stylize: (content, style, knobs) => stylize(manifest, parts, content, style, knobs),
    dispose: () => parts.disposables.disposeAsync(),
  };
}

/** Everything of a model that holds native memory. */
interface Parts {
  readonly encode: Session | undefined;
  readonly paint: Session;
  readonly content: ImageEncoder;
  readonly style: ImageEncoder | undefined;
  readonly image: ImageDecoder;
  readonly disposables: AsyncDisposableStack;
}

async function openParts(folder: string, manifest: Manifest, options: SessionOptions): Promise<Parts> {
  await using opened = new AsyncDisposableStack();
  const keep = <T extends { dispose(): Promise<void> }>(part: T): T =>
    opened.adopt(part, (it) => it.dispose());
  const { graphs } = manifest;
  const paint = keep(await openSession(join(folder, graphs.paint.file), options));
  const encode =
    'encode' in graphs ? keep(await openSession(join(folder, graphs.encode.file), options)) : undefined;
  checkGraphs(folder, manifest, paint, encode);
  const content = keep(await makeImageEncoder(graphs.paint.content));
  const style = styleTensor(manifest);
  return {
    encode,
    paint,
    content,
    style: style === undefined ? undefined : keep(await makeImageEncoder(style)),
    image: keep(await makeImageDecoder(graphs.paint.image)),
    disposables: opened.move(),
  };
}

function styleTensor(manifest: Manifest) {
  if (manifest.kind === 'style-code') return manifest.graphs.encode.style;
  return manifest.kind === 'content-style' ? manifest.graphs.paint.style : undefined;
}

function checkGraphs(folder: string, manifest: Manifest, paint: Session, encode: Session | undefined): void {
  const problems = [
    ...paintGraphProblems(manifest, paint),
    ...(encode === undefined ? [] : encodeGraphProblems(manifest, encode)),
  ];
  if (problems.length === 0) return;
  const message = `The graphs of the model folder ${folder} do not fit their manifest: ${problems.join('; ')}.`;
  throw new JobError('model_unavailable', message, { retryable: false });
}

async function prepareStyle(manifest: Manifest, parts: Parts, style: Pixels): Promise<PreparedStyle> {
  if (manifest.kind === 'fixed-style' || parts.style === undefined) return { kind: 'fixed-style' };
  const tensor = await parts.style.encode(await fitIn(style, planFit(style, manifest.style_size)));
  if (manifest.kind === 'content-style' || parts.encode === undefined)
    return { kind: 'content-style', tensor };
  const { encode } = manifest.graphs;
  const results = await parts.encode.run({ [encode.style.tensor]: tensor });
  return { kind: 'style-code', code: outputOf(results, encode.code) };
}

async function stylize(
  manifest: Manifest,
  parts: Parts,
  content: Pixels,
  style: PreparedStyle,
  knobs: ModelKnobs,
): Promise<Pixels> {
  const { paint } = manifest.graphs;
  const fit = planFit(content, manifest.content_size);
  const results = await parts.paint.run({
    ...styleFeed(manifest, style),
    ...knobFeeds(manifest, parts.paint, knobs),
    [paint.content.tensor]: await parts.content.encode(await fitIn(content, fit)),
  });
  const painted = await parts.image.decode(outputOf(results, paint.image.tensor));
  return fitOut(painted, fit, content);
}

function styleFeed(manifest: Manifest, style: PreparedStyle): Record<string, TensorData> {
  if (manifest.kind === 'style-code' && style.kind === 'style-code') {
    return { [manifest.graphs.paint.code]: style.code };
  }
  if (manifest.kind === 'content-style' && style.kind === 'content-style') {
    return { [manifest.graphs.paint.style.tensor]: style.tensor };
  }
  if (manifest.kind === style.kind) return {};
  throw new TypeError(`Expected a style prepared for ${manifest.kind}, received one for ${style.kind}.`);
}

function knobFeeds(manifest: Manifest, session: Session, knobs: ModelKnobs): Record<string, TensorData> {
  const { influence, seed } = manifest.knobs;
  // One value, in as many dimensions as the graph wants: some exporters make a scalar, others a batch of one.
  const dims = (name: string) =>
    session.inputs.find((input) => input.name === name)?.shape.map(() => 1) ?? [1];
  const feeds: Record<string, TensorData> = {};
  if (influence !== null) {
    const data = Float32Array.of(knobs.influence);
    feeds[influence] = { type: 'float32', dims: dims(influence), data };
  }
  if (seed !== null) {
    feeds[seed] = { type: 'int64', dims: dims(seed), data: BigInt64Array.of(BigInt(knobs.seed ?? 0)) };
  }
  return feeds;
}

function outputOf(results: Readonly<Record<string, TensorData>>, name: string): TensorData {
  const tensor = results[name];
  if (tensor !== undefined) return tensor;
  throw new JobError('model_failed', `Expected the output ${name} from the model, received none.`);
}
