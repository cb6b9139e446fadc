// Colour words: strength of colour, warmth, looks and colour names as tints.
import type { Tint } from './adjustments.ts';
import { entry, type LexiconEntry, noOpposite } from './lexicon-entry.ts';

const sepiaTint: Tint = { red: 1.22, green: 0.98, blue: 0.74 };

export const colourEntries: readonly LexiconEntry[] = [
  entry(
    'colour',
    'vibrant, vivid, colorful, saturated, bright color, bold color, strong color, intense color',
    {
      saturation: 1.4,
    },
  ),
  entry(
    'colour',
    'saturation, vibrance, vibrancy, vividness',
    { saturation: 1.35 },
    { kind: 'noun', none: { saturation: 0 } },
  ),
  entry('colour', 'color, hue', { saturation: 1.35 }, { kind: 'aspect', none: { saturation: 0 } }),
  entry('colour', 'rich, rich color, deep color, jewel tone', {
    saturation: 1.3,
    contrast: 1.08,
    brightness: 0.96,
  }),
  entry('colour', 'lively, cheerful, joyful, playful, happy', {
    saturation: 1.3,
    brightness: 1.06,
    warmth: 0.08,
  }),
  entry('colour', 'neon, fluorescent, electric, psychedelic, garish', { saturation: 1.9, contrast: 1.12 }),
  entry('colour', 'tropical, exotic, summery', { saturation: 1.35, warmth: 0.15, brightness: 1.05 }),
  entry('colour', 'muted, subdued, subtle color, soft color, dull, desaturated, drab', { saturation: 0.6 }),
  entry('colour', 'pastel, light color, pale, pale color', {
    saturation: 0.72,
    brightness: 1.18,
    contrast: 0.84,
  }),
  entry(
    'colour',
    'black and white, black white, b and w, b w, bw, monochrome, monochromatic, grayscale, colorless',
    { saturation: 0 },
    noOpposite,
  ),
  entry('colour', 'sepia, sepia tone', { saturation: 0.08, tint: sepiaTint, contrast: 0.95 }, noOpposite),
  entry(
    'colour',
    'vintage, retro, antique, aged, nostalgic, old fashioned, old photo',
    { saturation: 0.7, warmth: 0.32, contrast: 0.88, grain: 0.22 },
    noOpposite,
  ),
  entry('colour', 'faded, washed out, bleached', { saturation: 0.68, contrast: 0.76, brightness: 1.08 }),
  entry('colour', 'warm, hot', { warmth: 0.42 }),
  entry('colour', 'warmth', { warmth: 0.42 }, { kind: 'noun' }),
  entry('colour', 'cool, cold, chilly, icy, frosty, wintry', { warmth: -0.42 }),
  entry('colour', 'coolness, coldness', { warmth: -0.42 }, { kind: 'noun' }),
  entry('colour', 'autumn, autumnal, autumn color, fall color', {
    warmth: 0.45,
    saturation: 1.12,
    brightness: 0.97,
  }),
  entry('colour', 'earthy, earth tone, rustic', { saturation: 0.75, warmth: 0.25, brightness: 0.96 }),
  entry('colour', 'natural, natural color, neutral color, true color', { saturation: 0.88 }, noOpposite),
  entry('colour', 'fresh, springlike, spring color', {
    saturation: 1.15,
    brightness: 1.1,
    tint: { red: 0.97, green: 1.05, blue: 0.98 },
  }),
  entry(
    'colour',
    'cinematic, filmic, teal and orange',
    { contrast: 1.14, saturation: 1.08, tint: { red: 0.98, green: 1, blue: 1.06 } },
    noOpposite,
  ),
  tinted('red, crimson, scarlet, ruby', 1.3, 0.9, 0.9),
  tinted('orange, amber, copper, bronze, terracotta', 1.24, 1, 0.76),
  tinted('yellow, lemon', 1.1, 1.06, 0.68),
  tinted('gold, golden, honey', 1.18, 1.03, 0.7),
  tinted('brown, chocolate, umber, ochre', 1.2, 0.98, 0.76),
  tinted('green, emerald, jade, mint', 0.86, 1.1, 0.88),
  tinted('olive, moss', 1.03, 1.06, 0.76),
  tinted('teal, turquoise, cyan, aqua, aquamarine', 0.74, 1.05, 1.12),
  tinted('blue, azure, cobalt, sapphire, navy, indigo', 0.8, 0.96, 1.34),
  tinted('purple, violet, lavender, lilac, mauve', 1.08, 0.88, 1.3),
  tinted('magenta, fuchsia', 1.26, 0.82, 1.2),
  tinted('pink, rose, rosy, salmon, coral', 1.24, 0.92, 1.06),
  entry('colour', 'gray, silver, ashen', { saturation: 0.4 }),
];

function tinted(phrases: string, red: number, green: number, blue: number): LexiconEntry {
  return entry('colour', phrases, { tint: { red, green, blue } });
}
