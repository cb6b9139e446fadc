// The words that a prompt may use and what each does to the picture. Phrases are written in base form: singular,
// American spelling, no "-er" or "-est" (`word-forms.ts` reduces what users write to that).
import { colourEntries } from './lexicon-colour.ts';
import type { LexiconEntry } from './lexicon-entry.ts';
import { contrastEntries, lightEntries } from './lexicon-light.ts';
import { strokeEntries, textureEntries } from './lexicon-texture.ts';

/** Every entry, group by group. No phrase occurs twice. */
export const lexicon: readonly LexiconEntry[] = [
  ...colourEntries,
  ...lightEntries,
  ...contrastEntries,
  ...textureEntries,
  ...strokeEntries,
];
