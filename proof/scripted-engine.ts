// An engine that does what a test wrote down for each picture. No two of its paintings have the same bytes, so that a
// mixed-up result shows.
import { setTimeout as delay } from 'node:timers/promises';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { digestsOf } from '../container-app/src/engine/digests.ts';
import type { Engine } from '../container-app/src/engine/engine.ts';

/** What is to happen to one picture. */
export interface Script {
  /** How long a painting takes. */
  readonly seconds: number;
  /** Thrown one after the other, each at the end of a painting; the painting after the last one succeeds. */
  readonly errors: Error[];
}

/** A picture that can be told from all others, by its width: 16 plus a number from 0 to 9,000. */
export function numberedPicture(number: number): Buffer {
  return tinyPng(16 + number, 16);
}

export function numberOf(picture: Uint8Array): number {
  return Buffer.from(picture).readUInt32BE(16) - 16;
}

/** @param scriptOf by the number of the content. */
export function makeScriptedEngine(scriptOf: (number: number) => Script): Engine & { begun(): number } {
  let begun = 0;
  return {
    facts: { models: ['impasto-v1'], executionProvider: 'cpu', maxPixels: 1_000_000 },
    begun: () => begun,
    async paint({ content, parameters }, { signal: atOnce, stop, onProgress } = {}) {
      const signal = AbortSignal.any([atOnce, stop].filter((one) => one !== undefined));
      signal.throwIfAborted();
      begun += 1;
      const painting = begun;
      const number = numberOf(content);
      const { seconds, errors } = scriptOf(number);
      onProgress?.('stylizing', 0.1);
      await pause(seconds / 2, signal);
      onProgress?.('stylizing', 0.5);
      await pause(seconds / 2, signal);
      const error = errors.shift();
      if (error) throw error;
      const image = Buffer.concat([numberedPicture(number), Buffer.from(`painting ${painting}`)]);
      const thumbnail = { image, ...digestsOf(image), width: 16 + number, height: 16 };
      return {
        thumbnail,
        ...{ image, ...digestsOf(image), width: 16 + number, height: 16, format: parameters.outputFormat },
        timings: { decodeMs: 1, styleCodeMs: 1, stylizeMs: 5, finishMs: 1, encodeMs: 1 },
        ...{ model: 'impasto-v1@1.0.0', executionProvider: 'cpu' },
        ...{ prompt: { applied: [], ignored: [] }, ignoredParameters: [] },
      };
    },
    stop: async () => {},
  };
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds > 0) await delay(seconds * 1000, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
