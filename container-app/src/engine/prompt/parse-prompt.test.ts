import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Adjustments, adjustmentRanges, neutralAdjustments } from './adjustments.ts';
import { lexicon } from './lexicon.ts';
import { parsePrompt } from './parse-prompt.ts';
import { tokenize } from './tokenize.ts';
import { carriers, fillers, modifiers } from './word-forms.ts';

type Direction = 'up' | 'down' | number;
type Moves = Partial<Record<Exclude<keyof Adjustments, 'tint'>, Direction>>;

interface Example {
  prompt: string;
  moves: Moves;
  applied: string[];
  ignored?: string[];
}

const examples: Example[] = [
  { prompt: 'vibrant colors', moves: { saturation: 'up' }, applied: ['vibrant colors'] },
  {
    prompt: 'softer, warmer light',
    moves: { warmth: 'up', sharpness: 'down', contrast: 'down' },
    applied: ['softer', 'warmer light'],
  },
  { prompt: 'less contrast', moves: { contrast: 'down' }, applied: ['less contrast'] },
  { prompt: 'black and white', moves: { saturation: 0 }, applied: ['black and white'] },
  { prompt: 'Black-and-White!', moves: { saturation: 0 }, applied: ['Black-and-White'] },
  { prompt: 'b&w', moves: { saturation: 0 }, applied: ['b&w'] },
  { prompt: 'ＶＩＶＩＤ colours', moves: { saturation: 'up' }, applied: ['ＶＩＶＩＤ colours'] },
  { prompt: 'no color', moves: { saturation: 0 }, applied: ['no color'] },
  { prompt: 'without any colour', moves: { saturation: 0 }, applied: ['without any colour'] },
  { prompt: 'more contrast', moves: { contrast: 'up' }, applied: ['more contrast'] },
  { prompt: 'low contrast', moves: { contrast: 'down' }, applied: ['low contrast'] },
  { prompt: 'less vibrant', moves: { saturation: 'down' }, applied: ['less vibrant'] },
  { prompt: 'not too dark', moves: { brightness: 'up' }, applied: ['not too dark'] },
  { prompt: 'too dark', moves: { brightness: 'up' }, applied: ['too dark'] },
  { prompt: 'darker', moves: { brightness: 'down' }, applied: ['darker'] },
  { prompt: 'a bit more light', moves: { brightness: 'up' }, applied: ['a bit more light'] },
  { prompt: 'grainy', moves: { grain: 'up' }, applied: ['grainy'] },
  { prompt: 'grainy, but no grain', moves: { grain: 0, sharpness: 'down' }, applied: ['grainy', 'no grain'] },
  {
    prompt: 'soft light',
    moves: { contrast: 'down', sharpness: 'down', brightness: 'up' },
    applied: ['soft light'],
  },
  {
    prompt: 'soft, light',
    moves: { contrast: 'down', sharpness: 'down' },
    applied: ['soft'],
    ignored: ['light'],
  },
  {
    prompt: 'bold brush strokes',
    moves: { strokeScale: 'up', sharpness: 'up' },
    applied: ['bold brush strokes'],
  },
  { prompt: 'finer brushstrokes', moves: { strokeScale: 'down' }, applied: ['finer brushstrokes'] },
  { prompt: 'stronger style', moves: { influence: 'up' }, applied: ['stronger style'] },
  { prompt: 'subtle style', moves: { influence: 'down' }, applied: ['subtle style'] },
  {
    prompt: 'less contrast and saturation',
    moves: { contrast: 'down', saturation: 'down' },
    applied: ['less contrast and saturation'],
  },
  {
    prompt: 'less bright and warmer',
    moves: { brightness: 'down', warmth: 'up' },
    applied: ['less bright', 'warmer'],
  },
  { prompt: 'contrast should be lower', moves: { contrast: 'down' }, applied: ['contrast should be lower'] },
  { prompt: 'please increase the contrast', moves: { contrast: 'up' }, applied: ['increase the contrast'] },
  {
    prompt: "don't make it too bright",
    moves: { brightness: 'down' },
    applied: ["don't make it too bright"],
  },
  { prompt: 'not black and white', moves: {}, applied: [], ignored: ['not', 'black', 'white'] },
  { prompt: 'colors and light', moves: {}, applied: [], ignored: ['colors', 'light'] },
  {
    prompt: 'A cat in 鲜艳 🔥, with warm colors',
    moves: { warmth: 'up' },
    applied: ['warm colors'],
    ignored: ['cat', '鲜艳', '🔥'],
  },
  { prompt: 'more very slightly', moves: {}, applied: [], ignored: ['more', 'very', 'slightly'] },
];

for (const { prompt, moves, applied, ignored = [] } of examples) {
  test(`"${prompt}" is read as intended`, () => {
    const parsed = parsePrompt(prompt);
    assert.deepEqual(parsed.applied, applied);
    assert.deepEqual(parsed.ignored, ignored);
    const { tint, ...numbers } = parsed.adjustments;
    const { tint: neutralTint, ...neutral } = neutralAdjustments();
    assert.deepEqual(tint, neutralTint);
    for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) {
      assertMoved(name, numbers[name], neutral[name], moves[name]);
    }
  });
}

test('an empty or blank prompt is neutral', () => {
  for (const prompt of ['', '  \n\t ', ' , . !']) {
    assert.deepEqual(parsePrompt(prompt), { adjustments: neutralAdjustments(), applied: [], ignored: [] });
  }
});

test('a stronger modifier moves further, and "less" moves the other way', () => {
  const prompts = ['not vibrant', 'slightly less vibrant', '', 'slightly vibrant', 'vibrant', 'more vibrant'];
  const saturations = [...prompts, 'very vibrant', 'extremely vibrant'].map(
    (prompt) => parsePrompt(prompt).adjustments.saturation,
  );
  assertRising(saturations);
  const contrasts = ['no', 'less', 'a bit less', 'a bit more', '', 'more', 'much more'].map(
    (modifier) => parsePrompt(`${modifier} contrast`).adjustments.contrast,
  );
  assertRising(contrasts);
});

test('colour names tint towards their colour, and "less" tints away from it', () => {
  const blue = parsePrompt('blue tones').adjustments.tint;
  assert.ok(blue.blue > blue.green && blue.green > blue.red);
  const { tint: lessBlue } = parsePrompt('less blue').adjustments;
  assert.ok(lessBlue.blue < lessBlue.green && lessBlue.green < lessBlue.red);
  const teal = parsePrompt('teal').adjustments.tint;
  assert.ok(teal.red < teal.green && teal.red < teal.blue);
});

test('words that contradict each other combine', () => {
  const { adjustments, applied } = parsePrompt('warm, cool; bright but black and white and vibrant');
  assert.equal(adjustments.warmth, 0);
  assert.equal(adjustments.saturation, 0);
  assert.deepEqual(applied, ['warm', 'cool', 'bright', 'black and white', 'vibrant']);
});

test('every phrase of the lexicon is applied as a whole, on its own or with a modifier', () => {
  assert.ok(lexicon.length >= 60);
  assert.deepEqual(
    [...new Set(lexicon.map(({ group }) => group))],
    ['colour', 'light', 'contrast', 'texture', 'stroke'],
  );
  const phrases = lexicon.flatMap((entry) => entry.phrases.map((phrase) => ({ phrase, kind: entry.kind })));
  assert.equal(new Set(phrases.map(({ phrase }) => phrase)).size, phrases.length);
  for (const { phrase, kind } of phrases) {
    const prompt = kind === 'aspect' ? `more ${phrase}` : phrase;
    const { adjustments, applied } = parsePrompt(prompt);
    assert.deepEqual(applied, [prompt]);
    assert.notDeepEqual(adjustments, neutralAdjustments(), prompt);
  }
});

test('every modifier changes the strength of what follows', () => {
  const plain = parsePrompt('bright').adjustments.brightness;
  for (const [modifier, meaning] of modifiers) {
    const { adjustments, applied } = parsePrompt(`${modifier} bright`);
    assert.deepEqual(applied, [`${modifier} bright`]);
    const unchanged = meaning.kind === 'scale' && meaning.by === 1;
    assert.equal(adjustments.brightness === plain, unchanged, modifier);
  }
});

test('every word of any prompt is applied, ignored or a filler, and every number stays in its range', () => {
  const random = mulberry32(7);
  for (let round = 0; round < 1500; round += 1) {
    const prompt = randomPrompt(random);
    const { adjustments, applied, ignored } = parsePrompt(prompt);
    assert.deepEqual(unaccounted(prompt, applied, ignored), [], JSON.stringify(prompt));
    assertInRange(adjustments);
  }
});

test('the longest prompts of nothing but modifiers, marks or broken text are read without trouble', () => {
  for (const unit of [
    'very ',
    'not too ',
    "'",
    'a',
    '\u0301',
    '\ud800',
    '&',
    '🔥',
    'black and ',
    'a bit of ',
  ]) {
    const prompt = unit.repeat(500).slice(0, 500);
    const { applied, ignored } = parsePrompt(prompt);
    assert.deepEqual(applied, []);
    assert.deepEqual(unaccounted(prompt, applied, ignored), [], JSON.stringify(unit));
  }
});

function assertMoved(name: string, value: number, neutral: number, direction: Direction | undefined): void {
  if (direction === 'up') {
    assert.ok(value > neutral, `${name} should rise, is ${value}`);
  } else if (direction === 'down') {
    assert.ok(value < neutral, `${name} should fall, is ${value}`);
  } else {
    assert.equal(value, direction ?? neutral, name);
  }
}

function assertRising(values: readonly number[]): void {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  assert.deepEqual(values, sorted);
}

function assertInRange({ tint, ...numbers }: Adjustments): void {
  const channels = Object.values(tint).map((gain) => ['tint', gain] as const);
  for (const [name, value] of [...Object.entries(numbers), ...channels]) {
    const [smallest, largest] = adjustmentRanges[name as keyof typeof adjustmentRanges];
    assert.ok(value >= smallest && value <= largest, `${name} is ${value}`);
  }
}

/** The words of the prompt that are in more or fewer of applied, ignored and the fillers than one. */
function unaccounted(prompt: string, applied: readonly string[], ignored: readonly string[]): string[] {
  const reported = new Map<string, number>();
  const reportedTokens = [...applied, ...ignored].flatMap((phrase) => tokenize(phrase));
  for (const { text } of reportedTokens) {
    reported.set(text, (reported.get(text) ?? 0) + 1);
  }
  const missing: string[] = [];
  for (const { text, key } of tokenize(prompt)) {
    const left = reported.get(text) ?? 0;
    if (left > 0) {
      reported.set(text, left - 1);
    } else if (!fillers.has(key)) {
      missing.push(text);
    }
  }
  const surplus = [...reported].filter(([, count]) => count > 0).map(([text]) => text);
  return [...missing, ...surplus];
}

const separators = [' ', ' ', ' ', ' ', ', ', '. ', '-', '/', '\n', '  ', ' — ', '; ', ': '];
const oddities = [
  '🔥',
  '鲜艳',
  'Monet',
  "o'clock",
  '20',
  'naïve',
  '\u0301',
  '\ud800',
  '👩🏽‍🎨',
  'İstanbul',
  '$',
  "'",
];
const inflected = [
  'softer',
  'warmest',
  'brightly',
  'strokes',
  'colours',
  'lighting',
  'LOWER',
  'Darker',
  'up',
];

function randomPrompt(random: () => number): string {
  const vocabularies = [
    lexicon.flatMap((entry) => entry.phrases),
    [...modifiers.keys()],
    [...fillers],
    [...carriers],
    inflected,
    oddities,
  ];
  let prompt = '';
  const words = Math.floor(random() * 30);
  for (let index = 0; index < words; index += 1) {
    prompt += pick(pick(vocabularies, random), random) + pick(separators, random);
  }
  return prompt.slice(0, 500);
}

function pick<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)] as Value;
}

// A small seeded generator (mulberry32, public domain), so that a failure can be repeated.
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
