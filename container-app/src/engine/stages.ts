// The stages of a painting by the names that the record and the wire have for them.
import type { Painting } from './painter.ts';

/** Milliseconds by stage. */
export function stagesOf({ timings }: Pick<Painting, 'timings'>): Record<string, number> {
  const { decodeMs, styleCodeMs, stylizeMs, finishMs, encodeMs } = timings;
  return {
    decode: decodeMs,
    style_code: styleCodeMs,
    stylize: stylizeMs,
    finish: finishMs,
    encode: encodeMs,
  };
}
