// I14: what must never stand in a log, found in the text of one.

interface Pattern {
  readonly what: string;
  readonly pattern: RegExp;
  readonly isSecret?: (found: string) => boolean;
}

// Base64 of an image or a key mixes all kinds of characters; a path or a hash in hexadecimal digits does not.
const mixesAll = (text: string) => /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);

/** Parameters of our own and of the storage's addresses, which tell nothing. */
const harmlessParameters: ReadonlySet<string> = new Set([
  ...['include', 'comp', 'restype', 'timeout', 'limit'],
  ...['wait', 'cursor', 'status', 'model', 'batch_id'],
]);

const patterns: readonly Pattern[] = [
  { what: 'an account key', pattern: /\b(?:AccountKey|SharedAccessKey)=[^;\s"]+/gi },
  { what: 'a shared access signature', pattern: /\bsig=[^&\s"]+/gi },
  { what: 'base64 of more than 64 characters', pattern: /[A-Za-z0-9+/]{65,}={0,2}/g, isSecret: mixesAll },
  { what: 'an address with its query', pattern: /\bhttps?:\/\/[^\s"'<>]+\?[^\s"'<>]+/gi, isSecret: hasQuery },
];

const shownCharacters = 16;

/**
 * @param secrets texts that must not appear in any form: account keys, function keys, addresses of webhooks.
 * @returns one sentence for each find, in the order of the kinds; it shows no more than the beginning of a secret.
 */
export function findSecrets(text: string, secrets: readonly string[]): string[] {
  const known = secrets.filter((secret) => secret !== '').flatMap((secret) => positionsOf(text, secret));
  const found = patterns.flatMap(({ what, pattern, isSecret }) =>
    [...text.matchAll(pattern)]
      .filter(([match]) => isSecret?.(match) ?? true)
      .map((match) => sentence(what, match[0], match.index)),
  );
  return [...known, ...found];
}

function positionsOf(text: string, secret: string): string[] {
  const sentences: string[] = [];
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length))
    sentences.push(sentence('a known secret', secret, at));
  return sentences;
}

function sentence(what: string, found: string, at: number): string {
  return `${what} at character ${at}: ${found.slice(0, Math.min(shownCharacters, found.length / 2))}...`;
}

function hasQuery(address: string): boolean {
  const parameters = new URLSearchParams(address.slice(address.indexOf('?')));
  return [...parameters.keys()].some((name) => !harmlessParameters.has(name));
}
