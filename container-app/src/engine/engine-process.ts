// The engine process: loads the model, then paints one picture at a time for its parent.
// It ignores the signals that ask a worker to stop (its parent decides) and ends when its parent is gone: at once
// between two pictures, within a second in the middle of one.
import { Worker } from 'node:worker_threads';
import { endProcess, toJobError } from '@impasto/shared';
import { encode } from './images.ts';
import { openPainter } from './open-painter.ts';
import type { Painter } from './painter.ts';
import type { EngineFacts, EngineSettings, FromEngine, ToEngine } from './protocol.ts';

process.on('SIGTERM', () => {});
process.on('SIGINT', () => {});
process.on('disconnect', endProcess);
new Worker(new URL('./parent-watch.ts', import.meta.url)).unref();

let painter: Painter | undefined;

process.on('message', (message: ToEngine) => {
  answer(message).then(send, (thrown) => {
    const { code, message: text, retryable } = toJobError(thrown);
    send({ type: 'failed', error: { code, message: text, retryable } });
  });
});

async function answer(message: ToEngine): Promise<FromEngine> {
  if (message.type === 'start') return { type: 'ready', facts: await start(message.settings) };
  if (!painter) throw new Error('expected to be started before a picture came');
  const onProgress = (phase: 'decoding' | 'stylizing' | 'encoding', progress: number) =>
    send({ type: 'progress', phase, progress });
  return { type: 'painted', painting: await painter.paint(message.request, onProgress) };
}

async function start(settings: EngineSettings): Promise<EngineFacts> {
  const opened = await openPainter(settings);
  painter = opened.painter;
  const { models, model, maxPixels } = opened;
  await warmUp(painter, models.defaultName);
  return { models: models.names, executionProvider: model.provider, maxPixels };
}

/** The first run of every part is slow (code is loaded, memory mapped, kernels chosen): no caller shall pay for it. */
async function warmUp(warm: Painter, model: string): Promise<void> {
  const side = 256;
  const grey = { data: Buffer.alloc(side * side * 3, 127), width: side, height: side };
  const picture = await encode(grey, undefined, { format: 'png', quality: 90 });
  const parameters = {
    influence: 1,
    creativity: 0.5,
    additionalPrompt: '',
    outputFormat: 'png',
    outputQuality: 90,
    maxSide: side,
    model,
  } as const;
  await warm.paint({ content: picture, style: picture, parameters });
}

function send(message: FromEngine): void {
  // The parent may be gone by now; then there is nobody to tell.
  process.send?.(message, () => {});
}
