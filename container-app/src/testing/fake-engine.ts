// An engine for tests of everything around it: it paints by giving the content back, at once or when told to.
// The engine contract suite holds it to what the real one does.
import { JobError } from '@impasto/shared';
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

export function makeFakeEngine(): FakeEngine {
  let begun = 0;
  let gate = Promise.resolve();
  let failure: unknown;

  async function paint(
    request: PaintRequest,
    { signal, onProgress }: PaintOptions = {},
  ): Promise<FinishedPainting> {
    signal?.throwIfAborted();
    begun += 1;
    onProgress?.('stylizing', 0.1);
    await Promise.race([gate, rejectOnAbort(signal)]);
    signal?.throwIfAborted();
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

function rejectOnAbort(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

function paintingOf({ content, parameters }: PaintRequest): FinishedPainting {
  return {
    image: content,
    ...digestsOf(content),
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
