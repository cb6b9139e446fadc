// Words for texture, for strokes and for how much of the style shows.
import { entry, type LexiconEntry, noOpposite } from './lexicon-entry.ts';

export const textureEntries: readonly LexiconEntry[] = [
  entry(
    'texture',
    'grainy, film grain, noisy, analog',
    { grain: 0.42 },
    { opposite: { grain: -0.42, sharpness: -0.15 } },
  ),
  entry(
    'texture',
    'grain, noise',
    { grain: 0.42 },
    { kind: 'noun', opposite: { grain: -0.42, sharpness: -0.15 }, none: { grain: -1, sharpness: -0.25 } },
  ),
  entry('texture', 'fine grain, delicate grain', { grain: 0.24 }),
  entry('texture', 'gritty, coarse grain, rough grain', { grain: 0.55, contrast: 1.1, saturation: 0.9 }),
  entry('texture', 'soft, gentle, delicate, tender', { sharpness: -0.35, contrast: 0.9 }),
  entry('texture', 'softness', { sharpness: -0.35, contrast: 0.9 }, { kind: 'noun' }),
  entry('texture', 'smooth, silky, velvety, creamy, smooth texture, soft texture', {
    sharpness: -0.45,
    grain: -0.3,
  }),
  entry('texture', 'clean, polished, glossy, refined', { sharpness: 0.15, grain: -0.5, contrast: 1.06 }),
  entry(
    'texture',
    'texture',
    { sharpness: 0.4, grain: 0.14 },
    { kind: 'noun', none: { sharpness: -0.55, grain: -0.5 } },
  ),
  entry('texture', 'textured, rough, coarse, rugged, rich texture', { sharpness: 0.42, grain: 0.2 }),
  entry('texture', 'canvas, canvas texture, linen', { grain: 0.26, sharpness: 0.15 }, noOpposite),
  entry('texture', 'sharp, crisp, clear, crystal clear', { sharpness: 0.5 }),
  entry('texture', 'sharpness, clarity, definition', { sharpness: 0.5 }, { kind: 'noun' }),
  entry('texture', 'blurry, blurred, fuzzy, out of focus, unfocused', { sharpness: -0.65 }),
  entry('texture', 'blur', { sharpness: -0.65 }, { kind: 'noun', opposite: { sharpness: 0.3 } }),
  entry('texture', 'detailed, intricate, fine detail, sharp detail, crisp detail', {
    sharpness: 0.35,
    strokeScale: 0.75,
  }),
  entry(
    'texture',
    'detail',
    { sharpness: 0.35, strokeScale: 0.75 },
    { kind: 'noun', none: { sharpness: -0.5, strokeScale: 1.8 } },
  ),
];

export const strokeEntries: readonly LexiconEntry[] = [
  entry(
    'stroke',
    'stroke',
    { strokeScale: 1.4, sharpness: 0.15 },
    { kind: 'aspect', none: { strokeScale: 0.5, sharpness: -0.3 } },
  ),
  entry(
    'stroke',
    'bold stroke, broad stroke, thick stroke, large stroke, big stroke, wide stroke, heavy stroke',
    { strokeScale: 1.55, sharpness: 0.1 },
  ),
  entry(
    'stroke',
    'strong stroke, visible stroke, expressive stroke, dynamic stroke, energetic stroke, rough stroke',
    { strokeScale: 1.4, sharpness: 0.2 },
  ),
  entry(
    'stroke',
    'long stroke, swirling stroke, sweeping stroke, flowing stroke, swirling, swirly, fewer stroke',
    { strokeScale: 1.35 },
  ),
  entry(
    'stroke',
    'fine stroke, thin stroke, small stroke, tiny stroke, narrow stroke, light stroke, delicate stroke',
    { strokeScale: 0.62 },
  ),
  entry('stroke', 'short stroke, tight stroke, precise stroke, many stroke, precise, meticulous', {
    strokeScale: 0.75,
    sharpness: 0.1,
  }),
  entry('stroke', 'soft stroke, gentle stroke, smooth stroke, blended stroke', { sharpness: -0.4 }),
  entry('stroke', 'loose, loose stroke, sketchy, painterly, impressionist, impressionistic', {
    strokeScale: 1.3,
    influence: 0.1,
  }),
  entry(
    'stroke',
    'impasto, palette knife, thick paint',
    { strokeScale: 1.6, sharpness: 0.35, contrast: 1.06 },
    noOpposite,
  ),
  entry(
    'stroke',
    'pointillist, pointillism, dotted, stippled, dabs',
    { strokeScale: 0.5, sharpness: 0.2 },
    noOpposite,
  ),
  entry(
    'stroke',
    'watercolor, watery, wash',
    { sharpness: -0.3, brightness: 1.1, saturation: 0.86, contrast: 0.88 },
    noOpposite,
  ),
  entry(
    'stroke',
    'oil paint, oil painting',
    { saturation: 1.14, contrast: 1.1, strokeScale: 1.2 },
    noOpposite,
  ),
  entry('stroke', 'abstract', { strokeScale: 1.9, influence: 0.2 }),
  entry('stroke', 'realistic, photorealistic, photographic, lifelike', {
    strokeScale: 0.75,
    influence: -0.25,
  }),
  entry('stroke', 'style, stylization', { influence: 0.2 }, { kind: 'aspect', none: { influence: -0.5 } }),
  entry('stroke', 'stylized, strong style, bold style, heavy style, strong effect', { influence: 0.2 }),
  entry('stroke', 'subtle, subtle style, soft style, gentle style, light style, weak style, subtle effect', {
    influence: -0.2,
  }),
];
