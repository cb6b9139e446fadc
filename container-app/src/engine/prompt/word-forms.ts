// The small words around the lexicon: modifiers, fillers, nouns that only carry an adjective, and inflected forms.

/**
 * What a modifier does to the strength of the phrase after it. `scale` multiplies; `negate` reverses ("no grain");
 * `excess` ("too dark") complains about what there is, and so reverses too, unless it is itself negated.
 */
export type Modifier = { kind: 'scale'; by: number } | { kind: 'negate' } | { kind: 'excess' };

/** Modifiers have at most this many words. */
export const longestModifierWords = 3;

const scales: readonly (readonly [by: number, words: string])[] = [
  [2.2, 'extremely, super, ultra, incredibly, insanely, maximum, max, utterly'],
  [1.7, 'very, highly, most, really, strongly, heavily, intensely, extra, deeply, so'],
  [1.5, 'much, many, a lot, a lot of, lots of, plenty of, lot of, heavy, intense, full, dramatically'],
  [1.4, 'strong, high, deep, significantly, considerably'],
  [1.25, 'more, even, increase, increased, boost, boosted, enhance, enhanced, raise, raised, not enough'],
  [1.15, 'quite, rather'],
  [1, 'add, added'],
  [0.7, 'fairly, moderately, moderate, medium, somewhat'],
  [
    0.4,
    'slightly, slight, a bit, a bit of, a little, a little bit, a little bit of, little bit, bit of, mildly, mild',
  ],
  [
    0.4,
    'a touch, a touch of, touch of, a tad, a hint of, hint of, subtle, subtly, lightly, light, faint, faintly, barely',
  ],
  [
    -1,
    'less, fewer, low, reduce, reduced, decrease, decreased, lessen, weak, tone down, minimal, little, few',
  ],
  [-1.7, 'least, minimum, min'],
];
const negations = "no, not, without, never, non, don't, dont, avoid, remove, removed, zero";

/** Modifiers by base form. */
export const modifiers: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ...scales.flatMap(([by, words]) => words.split(', ').map((word) => [word, { kind: 'scale', by }] as const)),
  ...negations.split(', ').map((word) => [word, { kind: 'negate' }] as const),
  ...['too', 'overly', 'too much', 'too many'].map((word) => [word, { kind: 'excess' }] as const),
]);

/** Modifiers that may also follow their noun ("contrast up", "saturation should be lower"). */
export const postModifiers: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ...['up', 'high', 'increased', 'boosted', 'raised'].map(
    (word) => [word, { kind: 'scale', by: 1.25 }] as const,
  ),
  ...['down', 'low', 'reduced', 'decreased'].map((word) => [word, { kind: 'scale', by: -1 }] as const),
]);

/** Words that join two phrases of one kind under one modifier ("less contrast and saturation"). */
export const conjunctions: ReadonlySet<string> = new Set(['and', 'or', 'nor']);

/** Words that say nothing about the picture. They, and only they, may be in neither `applied` nor `ignored`. */
export const fillers: ReadonlySet<string> = new Set(
  [
    'a, an, the, and, or, nor, but, with, of, in, on, to, for, at, by, from, into, as, than, then, also, just',
    'please, thanks, thank, you, i, me, my, we, us, our, it, its, this, that, these, those, there, any, some',
    'is, are, be, been, was, am, do, does, can, could, should, would, will, shall, may, must, let, lets, want, like',
    'make, makes, made, give, gives, keep, use, using, get, have, has, having, turn, add, apply',
    'picture, image, photo, photograph, result',
  ].flatMap((line) => line.split(', ')),
);

/** Nouns that an adjective takes along and that mean nothing without one ("a warm feel"). */
export const carriers: ReadonlySet<string> = new Set(
  'tone, tint, shade, palette, scheme, look, feel, feeling, mood, atmosphere, ambience, vibe, effect, finish'.split(
    ', ',
  ),
);

/** A word's base form, and how strongly the form says it: "softest" is "soft", said strongly. */
export interface WordForm {
  base: string;
  degree: 'plain' | 'comparative' | 'superlative';
}

const spellings: Readonly<Record<string, string>> = {
  color: 'colour, colors, colours, coloring, colouring, colored, coloured, coloration',
  hue: 'hues',
  colorful: 'colourful',
  colorless: 'colourless',
  gray: 'grey, grays, greys',
  grayscale: 'greyscale',
  light: 'lights, lighting, lit',
  shadow: 'shadows',
  highlight: 'highlights',
  stroke: 'strokes, brushstroke, brushstrokes, brushwork, line, lines',
  detail: 'details',
  texture: 'textures',
  contrast: 'contrasts',
  style: 'styles, styling',
  stylized: 'stylised',
  stylization: 'stylisation',
  pastel: 'pastels',
  black: 'blacks',
  jewel: 'jewels',
  muted: 'mute',
  tone: 'tones, toned, tonality',
  tint: 'tints, tinted, tinge',
  shade: 'shades',
  effect: 'effects',
  vibe: 'vibes',
  ambience: 'ambiance',
  watercolor: 'watercolour, watercolors, watercolours',
  somber: 'sombre',
  moonlight: 'moonlit',
  sunlight: 'sunlit',
  candlelight: 'candlelit',
  red: 'reds, reddish',
  blue: 'blues, bluish',
  green: 'greens, greenish',
  yellow: 'yellows, yellowish',
  orange: 'oranges',
  purple: 'purples',
  pink: 'pinks',
  brown: 'browns, brownish',
};

const gradable = (
  'soft, warm, hot, cool, cold, chilly, icy, bright, dark, dim, moody, gloomy, sad, sunny, dreamy, airy, hazy, foggy, ' +
  'misty, rich, lively, happy, dull, drab, pale, fresh, earthy, rosy, red, blue, green, yellow, pink, gray, brown, ' +
  'purple, flat, bold, calm, quiet, punchy, harsh, hard, grainy, noisy, gritty, rough, coarse, fine, smooth, clean, ' +
  'sharp, crisp, clear, blurry, fuzzy, gentle, subtle, tender, strong, weak, deep, high, low, thick, thin, broad, ' +
  'wide, narrow, large, big, small, tiny, heavy, long, short, loose, tight, silky, creamy, shady'
).split(', ');

const forms = buildForms();

/** The base form of a lower-case word; a word without a known form is its own. */
export function baseForm(word: string): WordForm {
  return forms.get(word) ?? { base: word, degree: 'plain' };
}

function buildForms(): Map<string, WordForm> {
  const found = new Map<string, WordForm>();
  for (const base of gradable) {
    const stem = comparisonStem(base);
    found.set(`${stem}er`, { base, degree: 'comparative' });
    found.set(`${stem}est`, { base, degree: 'superlative' });
    const adverb = base.endsWith('y') ? `${base.slice(0, -1)}ily` : `${base}ly`;
    // "highly" and "strongly" are modifiers of their own.
    if (!modifiers.has(adverb)) {
      found.set(adverb, { base, degree: 'plain' });
    }
  }
  for (const [base, variants] of Object.entries(spellings)) {
    for (const variant of variants.split(', ')) {
      found.set(variant, { base, degree: 'plain' });
    }
  }
  return found;
}

// English spelling: pale-r, mood-i-er, dim-m-er, soft-er.
function comparisonStem(word: string): string {
  if (word.endsWith('e')) {
    return word.slice(0, -1);
  }
  if (/[^aeiou]y$/.test(word)) {
    return `${word.slice(0, -1)}i`;
  }
  return /^[^aeiou]+[aeiou][^aeiouwxy]$/.test(word) ? `${word}${word.slice(-1)}` : word;
}
