// The bare pipeline in a process of its own: decode, stylise, encode, with nothing around. It times itself, so that
// what it takes to bring it the pictures does not count.
import { endProcess, messageOf } from '@impasto/shared';
import { openPainter } from '../container-app/src/engine/open-painter.ts';
import type { Painter, PaintRequest } from '../container-app/src/engine/painter.ts';
import type { EngineSettings } from '../container-app/src/engine/protocol.ts';
import { stagesOf } from '../container-app/src/engine/stages.ts';

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
  const opened = await openPainter(settings);
  painter = opened.painter;
  model = opened.models.defaultName;
  return { model, ms: 0, stages: {}, width: 0, height: 0 };
}

async function paint(request: PaintRequest): Promise<BareAnswer> {
  if (!painter) throw new Error('Expected to be started before a picture came');
  const startedAt = performance.now();
  const painting = await painter.paint(request);
  const ms = performance.now() - startedAt;
  const { width, height } = painting;
  return { model, ms, stages: stagesOf(painting), width, height };
}
