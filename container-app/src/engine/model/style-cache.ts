// Keeps prepared styles, so that many pictures in one style pay for its encoding once.
import { createHash } from 'node:crypto';
import { makeLru } from './lru.ts';
import type { Model, PreparedStyle } from './model.ts';

/** A code has about 2 KB, but a content-style model keeps pictures: 512 x 512 floats are 3 MB each. */
const defaultCapacity = 32;

export interface StyleCache {
  /**
   * The style of the encoded picture `styleBytes`, prepared for a model; `prepare` runs only when it is not known
   * yet, and its failure is not kept. `variant` tells styles apart that were resized or adjusted differently.
   */
  get(
    model: Pick<Model, 'name' | 'version'>,
    styleBytes: Uint8Array,
    prepare: () => Promise<PreparedStyle>,
    variant?: string,
  ): Promise<PreparedStyle>;
}

/** Bounded: the style that was not used for longest leaves first. */
export function makeStyleCache(capacity = defaultCapacity): StyleCache {
  const styles = makeLru<PreparedStyle>(capacity);
  return {
    get: async (model, styleBytes, prepare, variant = '') => {
      const hash = createHash('sha256').update(styleBytes).digest('hex');
      const key = JSON.stringify([model.name, model.version, variant, hash]);
      const known = styles.get(key);
      if (known !== undefined) return known;
      const prepared = await prepare();
      styles.set(key, prepared);
      return prepared;
    },
  };
}
