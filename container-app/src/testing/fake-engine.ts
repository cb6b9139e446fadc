// An engine for tests of everything around it: it paints by giving the content back, at once or when told to.
// The engine contract suite holds it to what the real one does.
import { JobError } from '@impasto/shared';
import sharp from 'sharp';
import { digestsOf } from '../engine/digests.ts';
import type { Engine } from '../engine/engine.ts';
import type { PaintOptions } from '../engine/engine-child.ts';
import type { PaintRequest } from '../engine/painter.ts';
import type { FinishedPainting } from '../engine/protocol.ts';

export interface FakeEngine extends Engine {
  /** Pictures begun so far. */
  readonly begun: number;
  /** Makes the coming pictures wait until the returned function is called. */
  hold(): () => void;
  /** Makes the next picture fail with this error. */
  failNext(error: unknown): void;
}

/** A WebP of 32 x 24 pixels. */
const thumbnail = await sharp({ create: { width: 32, height: 24, channels: 3, background: 'teal' } })
  .webp()
  .toBuffer();

export function makeFakeEngine(): FakeEngine {
  let begun = 0;
  let gate = Promise.resolve();
  let failure: unknown;

  async function paint(
    request: PaintRequest,
    { signal, stop, onProgress }: PaintOptions = {},
  ): Promise<FinishedPainting> {
    const ended = AbortSignal.any([signal, stop].filter((one) => one !== undefined));
    ended.throwIfAborted();
    begun += 1;
    onProgress?.('stylizing', 0.1);
    await Promise.race([gate, rejectOnAbort(ended)]);
    ended.throwIfAborted();
    const error = failure;
    failure = undefined;
    if (error !== undefined) throw error;
    if (request.content.byteLength < 100)
      throw new JobError('image_corrupt', 'Expected a picture, received a stub');
    return paintingOf(request);
  }

  return {
    facts: { models: ['impasto-v1'], executionProvider: 'cpu', maxPixels: 1_000_000 },
    get begun() {
      return begun;
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    failNext(error) {
      failure = error;
    },
    paint,
    stop: async () => {},
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function paintingOf({ content, parameters }: PaintRequest): FinishedPainting {
  return {
    image: content,
    ...digestsOf(content),
    thumbnail: { image: thumbnail, ...digestsOf(thumbnail), width: 32, height: 24 },
    width: 32,
    height: 24,
    format: parameters.outputFormat,
    timings: { decodeMs: 1, styleCodeMs: 1, stylizeMs: 5, finishMs: 1, encodeMs: 1 },
    model: `${parameters.model}@1.0.0`,
    executionProvider: 'cpu',
    prompt: { applied: [], ignored: [] },
    ignoredParameters: [],
  };
}
