// The bare pipeline in a process of its own: decode, stylise, encode, with nothing around. It times itself, so that
// what it takes to bring it the pictures does not count.
import { endProcess, messageOf } from '@impasto/shared';
import { openRegistry } from '../container-app/src/engine/model/registry.ts';
import { makeStyleCache } from '../container-app/src/engine/model/style-cache.ts';
import { makePainter, type Painter, type PaintRequest } from '../container-app/src/engine/painter.ts';
import { pixelBudget } from '../container-app/src/engine/pixel-budget.ts';
import type { EngineSettings } from '../container-app/src/engine/protocol.ts';

export type BareQuestion =
  | { readonly type: 'start'; readonly settings: EngineSettings }
  | { readonly type: 'paint'; readonly request: PaintRequest };

export interface BareAnswer {
  /** Name of the default model. */
  readonly model: string;
  readonly ms: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly width: number;
  readonly height: number;
}

let model = '';
let painter: Painter | undefined;

process.on('SIGINT', () => {});
process.on('disconnect', endProcess);
process.on('message', (question: BareQuestion) => {
  answer(question).then(
    (given) => process.send?.(given),
    (error) => process.stderr.write(`${messageOf(error)}\n`, () => process.exit(1)),
  );
});

function answer(question: BareQuestion): Promise<BareAnswer> {
  return question.type === 'start' ? start(question.settings) : paint(question.request);
}

async function start(settings: EngineSettings): Promise<BareAnswer> {
  const { modelSource: source, modelPath: path, executionProviders: providers, passes } = settings;
  const models = await openRegistry({ source, path, providers });
  const { manifest } = await models.get();
  painter = await makePainter({
    models,
    styles: makeStyleCache(),
    maxPixels: settings.maxPixels ?? pixelBudget(settings.memoryLimitBytes, manifest.memory_bytes_per_pixel),
    ...(passes !== undefined && { defaultPasses: passes }),
  });
  model = models.defaultName;
  return { model, ms: 0, stages: {}, width: 0, height: 0 };
}

async function paint(request: PaintRequest): Promise<BareAnswer> {
  if (!painter) throw new Error('Expected to be started before a picture came');
  const startedAt = performance.now();
  const { timings, width, height } = await painter.paint(request);
  const ms = performance.now() - startedAt;
  const { decodeMs, styleCodeMs, stylizeMs, finishMs, encodeMs } = timings;
  const stages = {
    decode: decodeMs,
    style_code: styleCodeMs,
    stylize: stylizeMs,
    finish: finishMs,
    encode: encodeMs,
  };
  return { model, ms, stages, width, height };
}
