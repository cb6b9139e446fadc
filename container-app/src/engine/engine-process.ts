// The engine process: loads the model, then paints one picture at a time for its parent.
// It ignores the signals that ask a worker to stop (its parent decides) and ends when its parent is gone: at once
// between two pictures, within a second in the middle of one.
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { endProcess, toJobError } from '@impasto/shared';
import { programBeside } from '../places.ts';
import { digestsOf } from './digests.ts';
import { encode } from './images.ts';
import { openPainter } from './open-painter.ts';
import type { OnProgress, Painter } from './painter.ts';
import { picturePipeFd, receiveBytes } from './picture-pipe.ts';
import type { EngineFacts, EngineSettings, FromEngine, PaintMessage, ToEngine } from './protocol.ts';

volunteerForKill();
process.on('SIGTERM', () => {});
process.on('SIGINT', () => {});
process.on('disconnect', endProcess);
new Worker(programBeside('parent-watch', import.meta.url)).unref();

// Its end is the parent's, which `disconnect` tells of.
const pictures = new Socket({ fd: picturePipeFd }).on('error', () => {});
let painter: Painter | undefined;

/** Of the picture that is being painted. */
let stopping: AbortController | undefined;

process.on('message', (message: ToEngine) => {
  if (message.type === 'stop') return stopping?.abort();
  answer(message).catch((thrown) => {
    const { code, message: text, retryable } = toJobError(thrown);
    send({ type: 'failed', error: { code, message: text, retryable } });
  });
});

async function answer(message: Exclude<ToEngine, { type: 'stop' }>): Promise<void> {
  if (message.type === 'paint') return await paintUnlessStopped(message);
  send({ type: 'ready', facts: await start(message.settings) });
}

async function paintUnlessStopped(message: PaintMessage): Promise<void> {
  const current = new AbortController();
  const { signal } = current;
  stopping = current;
  try {
    await paint(message, signal);
  } catch (error) {
    if (error !== signal.reason) throw error;
    send({ type: 'stopped' });
  } finally {
    stopping = undefined;
  }
}

async function paint(
  { contentBytes, styleBytes, parameters }: PaintMessage,
  signal: AbortSignal,
): Promise<void> {
  if (!painter) throw new Error('expected to be started before a picture came');
  const both = await receiveBytes(pictures, contentBytes + styleBytes);
  const [content, style] = [both.subarray(0, contentBytes), both.subarray(contentBytes)];
  const onProgress: OnProgress = (phase, progress) => send({ type: 'progress', phase, progress });
  const painted = await painter.paint({ content, style, parameters }, { onProgress, signal });
  const { image, thumbnail, ...painting } = painted;
  const { image: small, ...size } = thumbnail;
  send({
    type: 'painted',
    imageBytes: image.byteLength,
    thumbnailBytes: small.byteLength,
    painting: { ...painting, ...digestsOf(image), thumbnail: { ...size, ...digestsOf(small) } },
  });
  pictures.write(image);
  pictures.write(small);
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

/** When the container runs out of memory, the kernel's killer shall take this process and not its parent. */
function volunteerForKill(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Linux only.
  }
}
