// What reading a body as JSON would cost, told from its bytes: a few megabytes of empty objects take gigabytes once parsed.
import { JobError } from '@impasto/shared';
import { nextTurn } from './large-bodies.ts';

/** Objects, lists, commas and texts in the largest batch that is allowed are a third of this. */
const mostParts = 20_000;
/** Looked at in one turn of the event loop. */
const bytesPerTurn = 4 * 1024 * 1024;

const [quote, backslash, comma, brace, bracket] = Buffer.from('"\\,{[');

/**
 * Counts the objects, lists, commas and texts of a body, whether or not it is JSON; commas and brackets inside of a text
 * are none. Linear in its bytes, and as fast as memory where it is all one long text.
 * @throws JobError `invalid_body` where there are more than 20,000.
 */
export async function assertFewParts(body: Uint8Array): Promise<void> {
  let parts = 0;
  let turnEnds = bytesPerTurn;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === quote || byte === comma || byte === brace || byte === bracket) parts += 1;
    if (parts > mostParts) throw tooMany();
    if (byte === quote) at = endOfText(body, at + 1);
    if (at >= turnEnds) {
      await nextTurn();
      turnEnds = at + bytesPerTurn;
    }
  }
}

/** @returns the place of its closing quote, or the end where it has none. */
function endOfText(body: Uint8Array, start: number): number {
  const next = body.indexOf(quote ?? 0, start);
  if (next === -1) return body.length;
  if (body[next - 1] !== backslash) return next;
  // A text with escapes, in the worst case of nothing else.
  for (let at = start; at < body.length; at += 1) {
    if (body[at] === backslash) at += 1;
    else if (body[at] === quote) return at;
  }
  return body.length;
}

function tooMany(): JobError {
  return new JobError(
    'invalid_body',
    `Expected at most ${mostParts} objects, lists, commas and texts in the body, received more`,
  );
}
