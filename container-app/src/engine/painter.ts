// Paints one job: two encoded pictures and the job's parameters become one encoded picture.
// It owns the order of the steps and what travels between them; plan.ts owns what the knobs mean.
import { setImmediate } from 'node:timers/promises';
import { type JobParameters, type JobResult, type OutputFormat, submissionBodySchema } from '@impasto/shared';
import { type Blender, makeBlender } from './blend.ts';
import { type Decoded, decode, encode } from './images.ts';
import type { Model, PreparedStyle } from './model/model.ts';
import type { ModelRegistry } from './model/registry.ts';
import type { StyleCache } from './model/style-cache.ts';
import type { Pixels } from './pixels.ts';
import { type Plan, planPainting, type Size } from './plan.ts';
import { neutralAdjustments } from './prompt/adjustments.ts';
import { applyAdjustments } from './prompt/apply-adjustments.ts';
import { type ParsedPrompt, parsePrompt } from './prompt/parse-prompt.ts';
import { resize, resizePainting } from './resize.ts';
import { stopwatch } from './stopwatch.ts';
import { makeThumbnail, type Thumbnail } from './thumbnail.ts';

export interface PainterDeps {
  readonly models: Pick<ModelRegistry, 'get'>;
  readonly styles: StyleCache;
  /** Most pixels that a network may paint at once; larger pictures are painted smaller and enlarged. */
  readonly maxPixels: number;
  /** Passes at creativity 0.5 and below, instead of the manifest's default; its largest number still holds. */
  readonly defaultPasses?: number;
}

export interface PaintRequest {
  /** Encoded pictures. */
  readonly content: Uint8Array;
  readonly style: Uint8Array;
  readonly parameters: JobParameters;
}

/** `progress` is the share of the whole painting that is done, 0..1. */
export type OnProgress = (phase: 'decoding' | 'stylizing' | 'encoding', progress: number) => void;

export interface Timings {
  readonly decodeMs: number;
  readonly styleCodeMs: number;
  readonly stylizeMs: number;
  readonly finishMs: number;
  readonly encodeMs: number;
}

export interface Painting extends Pick<JobResult, 'prompt' | 'ignoredParameters' | 'paintedAt'> {
  readonly image: Uint8Array;
  readonly thumbnail: Thumbnail;
  readonly width: number;
  readonly height: number;
  readonly format: OutputFormat;
  readonly timings: Timings;
  /** `name@version`. */
  readonly model: string;
  readonly executionProvider: string;
}

export interface PainterOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface Painter {
  /**
   * Throws `JobError`: those of `decode`, of the model and of `models.get`. An aborted signal ends it with its reason at
   * the next pause between two stages or passes: no run of a network is cut short.
   */
  paint(request: PaintRequest, options?: PainterOptions): Promise<Painting>;
  dispose(): Promise<void>;
}

export async function makePainter(deps: PainterDeps): Promise<Painter> {
  const blender = await makeBlender();
  return {
    paint: (request, { onProgress = () => {}, signal } = {}) =>
      paint(deps, blender, request, { onProgress, pause: () => pause(signal) }),
    dispose: () => blender.dispose(),
  };
}

/** How a painting speaks with whoever wants it. */
interface Caller {
  readonly onProgress: OnProgress;
  /** Called between two stages. Throws when the painting is no longer wanted. */
  readonly pause: () => Promise<void>;
}

/** Lets the process hear what it is told: two turns of its loop, since the first may be one that is half over. */
async function pause(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return;
  await setImmediate();
  await setImmediate();
  signal.throwIfAborted();
}

async function paint(
  deps: PainterDeps,
  blender: Blender,
  { content, style, parameters }: PaintRequest,
  caller: Caller,
): Promise<Painting> {
  const { onProgress, pause } = caller;
  const model = await deps.models.get(parameters.model);
  const lap = stopwatch();
  onProgress('decoding', 0);
  const size = { longerSidePixels: parameters.maxSide, enlarge: false };
  const { pixels: photo, alpha } = await decode(content, 'content image', size);
  const decodeMs = lap();
  await pause();
  const prepared = await prepareStyle(deps.styles, model, style);
  const styleCodeMs = lap();
  const prompt = readPrompt(model, parameters.additionalPrompt);
  const plan = planFor(deps, model, parameters, prompt, photo);
  const painted = await stylize({ model, style: prepared, plan, parameters, blender, caller }, photo);
  const stylizeMs = lap();
  await pause();
  onProgress('encoding', 0.9);
  const finished = await finish(blender, photo, painted, plan, prompt);
  const finishMs = lap();
  await pause();
  const [image, thumbnail] = await Promise.all([
    encodeResult(finished, alpha, parameters),
    makeThumbnail(finished, alpha, parameters.outputFormat),
  ]);
  return {
    image,
    thumbnail,
    width: photo.width,
    height: photo.height,
    format: parameters.outputFormat,
    timings: { decodeMs, styleCodeMs, stylizeMs, finishMs, encodeMs: lap() },
    model: `${model.name}@${model.version}`,
    executionProvider: model.provider,
    prompt: { applied: prompt.applied, ignored: prompt.ignored },
    ignoredParameters: ignoredParameters(model, parameters),
    ...(plan.boundByPixels && plan.influence > 0 ? { paintedAt: plan.workingSize } : {}),
  };
}

/** A style that its model has no use for is decoded all the same: a broken file is the caller's mistake. */
function prepareStyle(styles: StyleCache, model: Model, encoded: Uint8Array): Promise<PreparedStyle> {
  return styles.get(model, encoded, async () => {
    const side = model.styleSidePixels;
    const size = { longerSidePixels: side ?? 64, enlarge: side !== undefined };
    const { pixels } = await decode(encoded, 'style image', size);
    return model.prepareStyle(pixels);
  });
}

/** A model that takes text gets it as it is; for all others the lexicon reads it. */
function readPrompt(model: Model, text: string): ParsedPrompt {
  if (!takesText(model)) return parsePrompt(text);
  return { adjustments: neutralAdjustments(), applied: text === '' ? [] : [text], ignored: [] };
}

function planFor(
  deps: PainterDeps,
  model: Model,
  knobs: JobParameters,
  prompt: ParsedPrompt,
  size: Size,
): Plan {
  const { max, default: usual } = model.manifest.passes;
  const passes = { default: Math.min(max, Math.max(1, deps.defaultPasses ?? usual)), max };
  const { handlesInfluence } = model;
  const { adjustments } = prompt;
  return planPainting({ knobs, adjustments, size, handlesInfluence, passes, maxPixels: deps.maxPixels });
}

interface Stylizing {
  readonly model: Model;
  readonly style: PreparedStyle;
  readonly plan: Plan;
  readonly parameters: JobParameters;
  readonly blender: Blender;
  readonly caller: Caller;
}

/** The painting at the photograph's size; the photograph itself where nothing is to be painted. */
async function stylize(what: Stylizing, photo: Pixels): Promise<Pixels> {
  const { plan, parameters, blender, caller } = what;
  if (plan.influence === 0) return photo;
  const knobs = {
    influence: plan.influence,
    ...(parameters.seed === undefined ? {} : { seed: parameters.seed }),
    ...(takesText(what.model) ? { prompt: parameters.additionalPrompt } : {}),
  };
  let painting = await resize(photo, plan.workingSize);
  for (let pass = 0; pass < plan.passes; pass += 1) {
    await caller.pause();
    caller.onProgress('stylizing', 0.1 + (0.8 * pass) / plan.passes);
    const next = await what.model.stylize(painting, what.style, knobs);
    painting = await blender.blend(painting, next, { keep: 0, mix: Math.min(1, plan.passes - pass) });
  }
  return resizePainting(painting, photo, blender);
}

/** The photograph's part in the picture, then what the prompt asks for. */
async function finish(
  blender: Blender,
  photo: Pixels,
  painted: Pixels,
  plan: Plan,
  { adjustments }: ParsedPrompt,
): Promise<Pixels> {
  const blended = painted === photo ? photo : await blender.blend(photo, painted, plan);
  return { ...blended, data: await applyAdjustments(blended, adjustments) };
}

function encodeResult(
  picture: Pixels,
  alpha: Decoded['alpha'],
  parameters: JobParameters,
): Promise<Uint8Array> {
  return encode(picture, alpha, { format: parameters.outputFormat, quality: parameters.outputQuality });
}

/** Parameters, by their names on the wire, that were given and have no effect. */
function ignoredParameters(model: Model, parameters: JobParameters): string[] {
  const usualQuality = submissionBodySchema.shape.output_quality.parse(undefined);
  const ignored = {
    style_image: model.styleSidePixels === undefined,
    seed: parameters.seed !== undefined && model.manifest.knobs.seed === null,
    output_quality: parameters.outputFormat === 'png' && parameters.outputQuality !== usualQuality,
  };
  return Object.entries(ignored).flatMap(([name, isIgnored]) => (isIgnored ? [name] : []));
}

function takesText(model: Model): boolean {
  return model.manifest.knobs.prompt !== null;
}
