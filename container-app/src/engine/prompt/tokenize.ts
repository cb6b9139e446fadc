// Cuts a prompt into words. It owns what a word is and which punctuation separates thoughts.

/** One word of a prompt. */
export interface Token {
  /** The word as the user wrote it. */
  text: string;
  /** The word for comparison: compatibility-normalised, lower case, plain apostrophe. `&` reads as `and`. */
  key: string;
  /** Where it starts and ends in the prompt, in UTF-16 units, the end exclusive. */
  start: number;
  end: number;
  /** Whether a comma, a full stop, a line break or the like stands between the word before and this one. */
  startsClause: boolean;
}

// Letters, marks, numbers and emoji make words; an apostrophe or a joiner inside a word belongs to it. Each character
// can be read in one way only, so matching takes linear time.
const wordPattern =
  /[\p{L}\p{M}\p{N}\p{So}\p{Emoji_Modifier}]+(?:['’\u200d][\p{L}\p{M}\p{N}\p{So}\p{Emoji_Modifier}]+)*|&/gu;

// A hyphen, a slash, a colon or a quotation mark does not part what belongs together ("black-and-white").
const clausePattern = /[,;.!?…()[\]{}|–—•\n\r\u2028\u2029。，、；！？]/u;

/** The words of `text` in order. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(wordPattern)) {
    const gap = text.slice(end, match.index);
    end = match.index + match[0].length;
    tokens.push({
      text: match[0],
      key: toKey(match[0]),
      start: match.index,
      end,
      startsClause: clausePattern.test(gap),
    });
  }
  return tokens;
}

function toKey(word: string): string {
  return word === '&' ? 'and' : word.normalize('NFKC').toLowerCase().replaceAll('’', "'");
}
