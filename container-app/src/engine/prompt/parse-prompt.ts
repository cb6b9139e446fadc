// Reads the free-text prompt for models that take no text: words in, picture adjustments out.
import { type Adjustments, clampAdjustments, combine, neutralAdjustments } from './adjustments.ts';
import { effectOf, type Finding, findPhrase, findPlainPhrase, toWords, type Word } from './find-phrase.ts';
import { tokenize } from './tokenize.ts';
import { conjunctions, fillers } from './word-forms.ts';

/** What was understood of a prompt. Every word is in `applied`, in `ignored`, or one of the `fillers`. */
export interface ParsedPrompt {
  adjustments: Adjustments;
  /** The phrases that had an effect, as written, with their modifiers, in order. */
  applied: string[];
  /** The words that had none, as written, in order. */
  ignored: string[];
}

/**
 * Reads a prompt in plain English, in time linear in its length.
 *
 * The longest phrase wins. A modifier before a phrase sets its strength: "slightly" 0.4, plain 1, "more" 1.25, "very"
 * 1.7, "extremely" 2.2; "less", "no" and "not" reverse it ("no color" takes all colour away), "not too" reverses it by
 * half. It also holds for a following phrase of the same kind after "and" or "or" ("less contrast and saturation"),
 * but not across a comma. A bare noun of quantity ("contrast", "grain", "texture", "detail") asks for it; a bare noun
 * that every picture has ("light", "colors", "strokes") has no direction and is ignored. Words that contradict each
 * other combine.
 */
export function parsePrompt(text: string): ParsedPrompt {
  const words = toWords(tokenize(text));
  const applied: string[] = [];
  const ignored: string[] = [];
  let adjustments = neutralAdjustments();
  let at = 0;
  while (at < words.length) {
    const findings = findPhrases(words, at);
    const end = findings.at(-1)?.end ?? at + 1;
    const effects = findings.map(effectOf).filter((effect) => effect !== undefined);
    for (const { effect, strength } of effects) {
      adjustments = combine(adjustments, effect, strength);
    }
    const read = words.slice(at, end);
    if (effects.length > 0) {
      applied.push(asWritten(text, read));
    } else {
      ignored.push(...read.filter(({ key }) => !fillers.has(key)).map((word) => word.text));
    }
    at = end;
  }
  return { adjustments: clampAdjustments(adjustments), applied, ignored };
}

/** The phrase at word `first` and those that share its modifiers. */
function findPhrases(words: readonly Word[], first: number): Finding[] {
  const finding = findPhrase(words, first);
  const findings: Finding[] = [];
  for (let next = finding; next; next = findJoined(words, next)) {
    findings.push(next);
  }
  return findings;
}

// "slightly darker and warmer", "no grain or blur". A comparative keeps its own direction: "less bright and warmer".
function findJoined(words: readonly Word[], before: Finding): Finding | undefined {
  const conjunction = words[before.end];
  const word = words[before.end + 1];
  const joins = conjunction && !conjunction.startsClause && conjunctions.has(conjunction.key);
  if (!joins || !word || word.startsClause || before.modifiers.length === 0) {
    return undefined;
  }
  const joined = findPlainPhrase(words, before.end + 1, before.modifiers);
  const reversing = before.modifiers.some((modifier) => modifier.kind !== 'scale' || modifier.by < 0);
  const sameKind = joined && (joined.entry.kind === 'adjective') === (before.entry.kind === 'adjective');
  return sameKind && !(reversing && word.degree === 'comparative') ? joined : undefined;
}

function asWritten(text: string, words: readonly Word[]): string {
  return text.slice(words[0]?.start, words.at(-1)?.end).replace(/\s+/g, ' ');
}
