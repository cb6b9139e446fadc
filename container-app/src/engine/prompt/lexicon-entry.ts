// The shape of a lexicon entry, and the short way to write one.
import type { Effect } from './adjustments.ts';

export type Group = 'colour' | 'light' | 'contrast' | 'texture' | 'stroke';

/**
 * `adjective`: acts by itself, and takes a following noun such as "colors" or "light" along.
 * `noun`: something that a picture has more or less of ("contrast", "grain"); bare, it asks for it as an adjective would.
 * `aspect`: something that every picture has ("light", "colors", "strokes"); without a modifier it has no direction.
 */
export type Kind = 'adjective' | 'noun' | 'aspect';

export interface LexiconEntry {
  group: Group;
  kind: Kind;
  /** Words and phrases that mean this, of at most `longestPhraseWords` words. */
  phrases: readonly string[];
  /** What the plain phrase does: a clear but moderate change. */
  effect: Effect;
  /** What "less" and "not" do, where that is not the reverse of `effect`. Empty: there is nothing to do. */
  opposite?: Effect;
  /** What "no" and "without" do, where that is more than the opposite. */
  none?: Effect;
}

/** Phrases have at most this many words. */
export const longestPhraseWords = 4;

export type EntryOptions = Partial<Pick<LexiconEntry, 'kind' | 'opposite' | 'none'>>;

/** An entry from its phrases, separated by commas, and what they do; an adjective unless the options say otherwise. */
export function entry(
  group: Group,
  phrases: string,
  effect: Effect,
  options: EntryOptions = {},
): LexiconEntry {
  return { group, kind: 'adjective', phrases: phrases.split(', '), effect, ...options };
}

/** For looks whose reverse means nothing ("not sepia" is what the picture is anyway). */
export const noOpposite: EntryOptions = { opposite: {} };
