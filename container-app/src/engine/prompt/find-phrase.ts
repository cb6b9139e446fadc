// Finds the longest phrase of the lexicon at a place of a prompt, with the modifiers before and after it.
import type { Effect } from './adjustments.ts';
import { lexicon } from './lexicon.ts';
import { type LexiconEntry, longestPhraseWords } from './lexicon-entry.ts';
import type { Token } from './tokenize.ts';
import {
  baseForm,
  carriers,
  fillers,
  longestModifierWords,
  type Modifier,
  modifiers,
  postModifiers,
  type WordForm,
} from './word-forms.ts';

/** A word of the prompt with its base form. */
export interface Word extends Token, WordForm {}

/** A phrase of the lexicon in the prompt: words `first` (its modifiers included) up to, not including, `end`. */
export interface Finding {
  first: number;
  end: number;
  entry: LexiconEntry;
  modifiers: Modifier[];
  /** 1 for the plain phrase and a comparative, 1.7 for a superlative. */
  degree: number;
}

// Bounds the look ahead, so that a prompt of nothing but modifiers takes linear time.
const longestModifierChain = 8;

const superlativeDegree = 1.7;

const index = buildIndex();

/** The words of a prompt with their base forms. */
export function toWords(tokens: readonly Token[]): Word[] {
  return tokens.map((token) => ({ ...token, ...baseForm(token.key) }));
}

/**
 * The phrase that starts at word `first`, or undefined. Of several readings the one that uses the most words wins, and
 * of equal ones that with the fewest modifiers: "fine grain" is an entry, "light grain" a modified one.
 */
export function findPhrase(words: readonly Word[], first: number): Finding | undefined {
  let best: Finding | undefined;
  const chain: Modifier[] = [];
  let at = first;
  while (at - first <= longestModifierChain) {
    const finding = readPhrase(words, first, at, chain);
    if (finding && finding.end > (best?.end ?? 0)) {
      best = finding;
    }
    const modifier = longestMatch(words, at, longestModifierWords, modifiers);
    if (modifier) {
      chain.push(modifier.value);
      at = modifier.end;
    } else if (chain.length > 0 && isFiller(words[at])) {
      at += 1;
    } else {
      break;
    }
    if (words[at]?.startsClause) {
      break;
    }
  }
  return best;
}

/** The plain phrase at word `at`, without any modifier of its own, or undefined. */
export function findPlainPhrase(
  words: readonly Word[],
  at: number,
  inherited: Modifier[],
): Finding | undefined {
  return readPhrase(words, at, at, inherited);
}

/** What a phrase does at which strength, by its modifiers; undefined if it does nothing. */
export function effectOf({
  entry,
  modifiers,
  degree,
}: Finding): { effect: Effect; strength: number } | undefined {
  const strength = strengthOf(modifiers) * degree;
  const negated = modifiers.some(({ kind }) => kind === 'negate');
  if (negated && strength <= -1 && entry.none) {
    return { effect: entry.none, strength: 1 };
  }
  const reversed = strength < 0 && entry.opposite !== undefined;
  const effect = reversed && entry.opposite ? entry.opposite : entry.effect;
  const bounded = Math.max(-2.5, Math.min(2.5, reversed ? -strength : strength));
  return Object.keys(effect).length > 0 ? { effect, strength: bounded } : undefined;
}

/**
 * The product of all scales, reversed by a negation. A negated excess ("not too dark", "not very dark") asks for a
 * little of the opposite only; an excess on its own ("too dark") is a complaint.
 */
function strengthOf(chain: readonly Modifier[]): number {
  const scale = chain.reduce(
    (product, modifier) => (modifier.kind === 'scale' ? product * modifier.by : product),
    1,
  );
  const negated = chain.some(({ kind }) => kind === 'negate');
  const excessive = chain.some(({ kind }) => kind === 'excess');
  if (negated && (excessive || scale > 1)) {
    return -0.5;
  }
  return negated || excessive ? -scale : scale;
}

function readPhrase(
  words: readonly Word[],
  first: number,
  at: number,
  chain: readonly Modifier[],
): Finding | undefined {
  const match = longestMatch(words, at, longestPhraseWords, index);
  if (!match) {
    return undefined;
  }
  const { value: entry } = match;
  const superlative = words.slice(at, match.end).some(({ degree }) => degree === 'superlative');
  const finding = {
    first,
    end: match.end,
    entry,
    modifiers: [...chain],
    degree: superlative ? superlativeDegree : 1,
  };
  if (entry.kind === 'adjective') {
    return { ...finding, end: endOfCarriedNouns(words, match.end) };
  }
  const after = chain.length === 0 ? findPostModifier(words, match.end) : undefined;
  if (after) {
    return { ...finding, end: after.end, modifiers: [after.value] };
  }
  return entry.kind === 'aspect' && chain.length === 0 ? undefined : finding;
}

// "warm light", "vibrant color palette": the nouns belong to the adjective unless they start a phrase of their own.
function endOfCarriedNouns(words: readonly Word[], from: number): number {
  let end = from;
  while (isCarriedNoun(words, end)) {
    end += 1;
  }
  return end;
}

function isCarriedNoun(words: readonly Word[], at: number): boolean {
  const word = words[at];
  if (!word || word.startsClause) {
    return false;
  }
  const match = longestMatch(words, at, longestPhraseWords, index);
  return match ? match.value.kind === 'aspect' : carriers.has(word.base);
}

// "contrast up", "saturation should be lower"; but in "contrast low light" the "low" belongs to what follows.
function findPostModifier(
  words: readonly Word[],
  from: number,
): { end: number; value: Modifier } | undefined {
  let at = from;
  while (at - from < longestModifierChain && isFiller(words[at]) && !words[at]?.startsClause) {
    at += 1;
  }
  const word = words[at];
  const value = word && !word.startsClause ? postModifiers.get(word.base) : undefined;
  const next = words[at + 1];
  const takenByNext = next && !next.startsClause && longestMatch(words, at + 1, longestPhraseWords, index);
  return value && !takenByNext ? { end: at + 1, value } : undefined;
}

function isFiller(word: Word | undefined): boolean {
  return word !== undefined && fillers.has(word.key) && !['and', 'or', 'nor', 'but'].includes(word.key);
}

/** The entry of `table` for the longest run of words of one clause from `at`. */
function longestMatch<Value>(
  words: readonly Word[],
  at: number,
  longest: number,
  table: ReadonlyMap<string, Value>,
): { end: number; value: Value } | undefined {
  let found: { end: number; value: Value } | undefined;
  let phrase = '';
  for (let end = at; end < Math.min(words.length, at + longest); end += 1) {
    const word = words[end];
    if (!word || (end > at && word.startsClause)) {
      break;
    }
    phrase = end === at ? word.base : `${phrase} ${word.base}`;
    const value = table.get(phrase);
    found = value === undefined ? found : { end: end + 1, value };
  }
  return found;
}

function buildIndex(): Map<string, LexiconEntry> {
  const phrases = new Map<string, LexiconEntry>();
  for (const entry of lexicon) {
    for (const phrase of entry.phrases) {
      phrases.set(phrase, entry);
      // People write "bold strokes" and "bold brush strokes".
      if (phrase.endsWith('stroke')) {
        phrases.set(phrase.replace('stroke', 'brush stroke'), entry);
      }
    }
  }
  return phrases;
}
